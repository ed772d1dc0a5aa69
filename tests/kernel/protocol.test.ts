import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { KernelUnderTest, resultOf } from "./client"

const notebooks = fileURLToPath(new URL("../../notebooks", import.meta.url))
const NOTEBOOKS = readdirSync(notebooks, { recursive: true, encoding: "utf8" }).filter((name) =>
  /^(?!.*checkpoint).*\.ipynb$/.test(name),
)

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start()
})
afterAll(() => kernel.stop())

describe("asking about the kernel", () => {
  test("kernel_info names the language and the protocol", async () => {
    const info = await kernel.ask("kernel_info_request")
    expect(info).toMatchObject({ status: "ok", protocol_version: "5.5", implementation: "ringlab" })
    expect(info.language_info).toMatchObject({ name: "typescript", file_extension: ".ts" })
  })
  test.each(NOTEBOOKS)("the notebook %s holds the language as kernel_info tells it", async (name) => {
    const { metadata } = JSON.parse(readFileSync(join(notebooks, name), "utf8"))
    expect(metadata.language_info).toEqual((await kernel.ask("kernel_info_request")).language_info)
  })
  test("the heartbeat answers while a cell computes", async () => {
    const id = kernel.submit("console.log('on'); for (;;);")
    await kernel.when(() => kernel.outputsOf(id)[0])
    expect(await kernel.beat("ping")).toBe("ping")
    expect(await kernel.ask("kernel_info_request", {}, "control")).toMatchObject({ status: "ok" })
    await kernel.ask("interrupt_request", {}, "control")
    expect((await kernel.finished(id)).reply.ename).toBe("Interrupted")
  })
  test("a message that is not signed with the key is ignored, and the next one is served", async () => {
    await kernel.sendRaw([
      "<IDS|MSG>",
      "0".repeat(64),
      '{"msg_id":"x","msg_type":"kernel_info_request"}',
      "{}",
      "{}",
      "{}",
    ])
    await kernel.sendRaw(["no message at all"])
    await kernel.ask("kernel_info_request")
    expect(kernel.replies.filter(({ parent }) => parent === "x")).toEqual([])
  })
})

describe("requests that lack something", () => {
  test.each(["execute_request", "complete_request", "inspect_request", "is_complete_request"])(
    "%s without code is answered with an error that says so",
    async (type) => {
      for (const content of [{}, { code: null }, null, [1]]) {
        const reply = await kernel.ask(type, content as object)
        expect(reply).toMatchObject({ status: "error", ename: "TypeError" })
        expect(reply.evalue).toContain(`This ${type} has no code`)
      }
    },
  )
  test.each(["comm_open", "comm_msg", "comm_close", "comm_info_request", "history_request"])(
    "%s without content leaves the kernel alive",
    async (type) => {
      await kernel.idle(kernel.send(type, null as never))
      expect(resultOf(await kernel.run("1"))).toBe("1")
    },
  )
  test("a message whose header names nothing is ignored", async () => {
    await kernel.sendSigned(["null", "{}", "{}", "{}"])
    await kernel.sendSigned(['{"msg_id":1,"msg_type":{}}', "{}", "{}", "{}"])
    expect(resultOf(await kernel.run("1"))).toBe("1")
  })
  test("a place that is no number is the end of the code", async () => {
    for (const cursor_pos of [undefined, null, "x", 1e9])
      expect(await kernel.ask("complete_request", { code: "Math.flo", cursor_pos })).toMatchObject({
        matches: ["floor"],
        cursor_start: 5,
        cursor_end: 8,
      })
  })
})

describe("the control channel", () => {
  test("serves what needs no session while a cell runs, and the rest in its turn", async () => {
    const id = kernel.submit("console.log('on'); for (;;);")
    await kernel.when(() => kernel.outputsOf(id)[0])
    const completed = kernel.ask("complete_request", { code: "Math.flo", cursor_pos: 8 }, "control")
    const ran = kernel.ask("execute_request", { code: "1 + 1" }, "control")
    expect((await kernel.ask("history_request", {}, "control")).status).toBe("ok")
    expect((await kernel.ask("comm_info_request", {}, "control")).status).toBe("ok")
    await kernel.ask("interrupt_request", {}, "control")
    expect((await kernel.finished(id)).reply.ename).toBe("Interrupted")
    expect((await completed).matches).toEqual(["floor"])
    expect((await ran).status).toBe("aborted")
  })
  test("tells the ports", async () => {
    const reply = await kernel.ask("connect_request", {}, "control")
    expect(Object.keys(reply).sort()).toEqual([
      "control_port",
      "hb_port",
      "iopub_port",
      "shell_port",
      "status",
      "stdin_port",
    ])
    expect(reply.shell_port).toBeGreaterThan(0)
  })
})

describe("running cells", () => {
  test("busy, the input, the result and idle come in this order, then nothing more", async () => {
    const { id, reply } = await kernel.run("6 * 7")
    const types = kernel.published
      .filter(({ parent }) => parent === id)
      .map(({ type, content }) => content.execution_state ?? type)
    expect(types).toEqual(["busy", "execute_input", "execute_result", "idle"])
    expect(reply).toMatchObject({ status: "ok", payload: [], user_expressions: {} })
  })
  test("cells are counted, but not silent ones, nor those that are not kept", async () => {
    const { reply } = await kernel.run("0")
    await kernel.run("0", { silent: true })
    await kernel.run("0", { store_history: false })
    expect((await kernel.run("0")).reply.execution_count).toBe(reply.execution_count + 1)
  })
  test("a silent cell shows neither input, result nor error", async () => {
    for (const code of ["1", "throw new Error('x')", "const n: number = 'x'"]) {
      const { id, outputs } = await kernel.run(code, { silent: true })
      expect(outputs).toEqual([])
      expect(kernel.published.some(({ parent, type }) => parent === id && type === "execute_input")).toBe(
        false,
      )
    }
  })
  test("user expressions are evaluated after the cell, each on its own", async () => {
    const { reply } = await kernel.run("let base = 20", {
      user_expressions: { good: "base + 1", bad: "nothing.here" },
    })
    expect(reply.user_expressions.good).toEqual({ status: "ok", data: { "text/plain": "21" }, metadata: {} })
    expect(reply.user_expressions.bad).toMatchObject({ status: "error", ename: "TypeScriptError" })
    const odd = { user_expressions: JSON.parse('{ "__proto__": "1", "number": 2, "none": null }') }
    const { user_expressions: answers } = (await kernel.run("0", odd)).reply
    const names = Object.keys(answers)
    expect(
      names.map((name) => [name, Object.getOwnPropertyDescriptor(answers, name)?.value.data["text/plain"]]),
    ).toEqual([
      ["__proto__", "1"],
      ["number", "2"],
      ["none", "null"],
    ])
  })
})

describe("after an error", () => {
  test("the cells that wait are aborted, and told so", async () => {
    const ids = [
      "await new Promise((resolve) => setTimeout(resolve, 100)); throw new Error('first')",
      "1",
      "2",
    ].map((code) => kernel.submit(code))
    const statuses = await Promise.all(ids.map(async (id) => (await kernel.finished(id)).reply.status))
    expect(statuses).toEqual(["error", "aborted", "aborted"])
  })
  test("a cell that comes afterwards runs", async () => {
    await kernel.run("throw new Error('x')")
    expect(resultOf(await kernel.run("'runs'"))).toBe("'runs'")
  })
  test("cells that wait run when the failing cell allows it", async () => {
    const ids = [
      kernel.submit("throw new Error('x')", { stop_on_error: false }),
      kernel.submit("'second'"),
      kernel.submit("'third'"),
    ]
    const ran = await Promise.all(ids.map((id) => kernel.finished(id)))
    expect(ran.map(({ reply }) => reply.status)).toEqual(["error", "ok", "ok"])
  })
  test("other requests that wait are answered", async () => {
    const failing = kernel.submit("throw new Error('x')")
    const asked = kernel.send("kernel_info_request", {})
    await kernel.finished(failing)
    expect((await kernel.reply(asked)).status).toBe("ok")
  })
})

describe("completing", () => {
  test("members, variables of earlier cells and keywords fit what is typed", async () => {
    await kernel.run("const machine = { registers: [1], run() { return 1 } }")
    const reply = await kernel.ask("complete_request", { code: "machine.re", cursor_pos: 10 })
    expect(reply).toMatchObject({ matches: ["registers"], cursor_start: 8, cursor_end: 10 })
    expect((await kernel.ask("complete_request", { code: "mach", cursor_pos: 4 })).matches).toContain(
      "machine",
    )
  })
  test("places are counted in code points", async () => {
    const reply = await kernel.ask("complete_request", { code: "'🙂🙂'; Math.flo", cursor_pos: 14 })
    expect(reply).toMatchObject({ matches: ["floor"], cursor_start: 11, cursor_end: 14 })
  })
  test("what is typed of a text, a path or a private name is replaced as a whole", async () => {
    mkdirSync(`${kernel.folder}/Lib`)
    kernel.write("Lib/part.ts", "export const a = 1")
    await kernel.run(
      "type Side = 'top left' | 'top-right'\nconst put = (side: Side) => side\nconst o = { 'a b': 1 }",
    )
    const completed = async (code: string) => {
      const reply = await kernel.ask("complete_request", { code, cursor_pos: code.length })
      return [reply.matches, reply.cursor_start]
    }
    expect(await completed("put('top-r")).toEqual([["top-right"], 5])
    expect(await completed("put('top l")).toEqual([["top left"], 5])
    expect(await completed("o['a ")).toEqual([["a b"], 3])
    expect(await completed("import fs from 'node:f")).toEqual([["node:fs", "node:fs/promises"], 16])
    expect(await completed("import { a } from './Lib/p")).toEqual([["part"], 25])
    expect(await completed("class Q { #own = 1; m() { this.#o")).toEqual([["#own"], 31])
  })
})

describe("explaining", () => {
  const inspect = async (code: string, at = code.length): Promise<string> =>
    (await kernel.ask("inspect_request", { code, cursor_pos: at, detail_level: 0 })).data["text/plain"] ?? ""

  test("a function of an earlier cell is explained with its doc comment", async () => {
    await kernel.run(
      "/** Doubles a number of pages. */\nfunction twice(pages: number): number { return 2 * pages }",
    )
    expect(await inspect("twice(")).toMatch(/twice\(pages: number\): number[\s\S]*Doubles a number of pages/)
  })
  test("what comes with the language is explained too", async () => {
    expect(await inspect("Math.max(1, ", 6)).toMatch(
      /max\(\.\.\.values: number\[\]\): number[\s\S]*Returns the larger/,
    )
  })
  test("variables, members and types of earlier cells are explained with their own doc comments", async () => {
    await kernel.run(`/** Counts. */\nlet counter = 1
/** A shape. */\ninterface Shape {\n  /** Its area. */\n  area: number\n}\nlet shape: Shape = { area: 1 }
/** Colours. */\nenum Colour {\n  /** Of blood. */\n  Red,\n  Blue\n}
class Dog {\n  /** Says woof. */\n  bark() {}\n}\nconst rex = new Dog()`)
    expect(await inspect("counter")).toBe("let counter: number\n\nCounts.")
    expect(await inspect("Shape")).toBe("interface Shape\n\nA shape.")
    expect(await inspect("shape.area")).toBe("(property) Shape.area: number\n\nIts area.")
    expect(await inspect("Colour.Red")).toBe("(enum member) Colour.Red = 0\n\nOf blood.")
    expect(await inspect("Colour.Blue")).toBe("(enum member) Colour.Blue = 1")
    expect(await inspect("rex.bark")).toBe("(method) Dog.bark(): void\n\nSays woof.")
  })
  test.each(["   ", "nobody", "nobody.knows"])("nothing is found in %j", async (code) => {
    expect(
      await kernel.ask("inspect_request", { code, cursor_pos: code.length, detail_level: 0 }),
    ).toMatchObject({ status: "ok", found: false, data: {} })
  })
})

test("whole, unfinished and wrong code are told apart", async () => {
  const status = async (code: string): Promise<string> =>
    (await kernel.ask("is_complete_request", { code })).status
  for (const code of ["let x = 1", "if (true) {\n}\n", "f(1)"]) expect(await status(code)).toBe("complete")
  for (const code of ["function f() {", "f(", "`abc", "1 +"]) expect(await status(code)).toBe("incomplete")
  for (const code of [")", "let = 1 1", "a b"]) expect(await status(code)).toBe("invalid")
  expect(await kernel.ask("is_complete_request", { code: "  if (1) {" })).toMatchObject({ indent: "    " })
})

test("the history gives back cells and their results", async () => {
  await kernel.run("const inHistory = 1")
  const { reply } = await kernel.run("inHistory + 1")
  const tail = await kernel.ask("history_request", {
    hist_access_type: "tail",
    n: 2,
    output: true,
    raw: true,
  })
  expect(tail.history).toEqual([
    [1, reply.execution_count - 1, ["const inHistory = 1", null]],
    [1, reply.execution_count, ["inHistory + 1", "2"]],
  ])
  const found = await kernel.ask("history_request", {
    hist_access_type: "search",
    pattern: "inHist*",
    n: 5,
    output: false,
    raw: true,
  })
  expect(found.history).toEqual([[1, reply.execution_count, "inHistory + 1"]])
})

describe("comms", () => {
  const host = 'const host = (globalThis as any)[Symbol.for("ringlab.host")]'

  test("a cell opens a comm, the front end answers, and the handler's words come back", async () => {
    const ran = await kernel.run(
      `${host}\nconst line = host.comm("lab", { start: 1 }, { message: (data: any) => line.send({ twice: 2 * data.n }) })`,
    )
    const [opened] = ran.outputs
    expect(opened).toMatchObject({ type: "comm_open", content: { target_name: "lab", data: { start: 1 } } })
    const comm = opened.content.comm_id
    expect(await kernel.ask("comm_info_request", { target_name: "lab" })).toMatchObject({
      comms: { [comm]: { target_name: "lab" } },
    })
    const sent = kernel.send("comm_msg", { comm_id: comm, data: { n: 21 } })
    await kernel.idle(sent)
    expect(kernel.outputsOf(sent).map(({ content }) => content)).toEqual([
      { comm_id: comm, data: { twice: 42 } },
    ])
    await kernel.run("line.close()")
    expect((await kernel.ask("comm_info_request", {})).comms).toEqual({})
  })
  test("the front end opens a comm that a cell serves, and binary parts arrive", async () => {
    await kernel.run(
      `${host}\nhost.serveComm("served", (comm: any, data: any) => ({ message: (_: any, parts: any) => comm.send({ sum: data.base + parts[0][1] }, [new Uint8Array([9])]) }))`,
    )
    await kernel.idle(kernel.send("comm_open", { comm_id: "c1", target_name: "served", data: { base: 40 } }))
    const sent = kernel.send("comm_msg", { comm_id: "c1", data: {} }, "shell", [new Uint8Array([1, 2])])
    await kernel.idle(sent)
    const [answer] = kernel.outputsOf(sent)
    expect(answer.content).toEqual({ comm_id: "c1", data: { sum: 42 } })
    expect([...answer.buffers[0]]).toEqual([9])
  })
  test("a comm to a target that nobody serves is closed", async () => {
    const sent = kernel.send("comm_open", { comm_id: "c2", target_name: "nobody", data: {} })
    await kernel.idle(sent)
    expect(kernel.outputsOf(sent).map(({ type }) => type)).toEqual(["comm_close"])
  })
  test("comms of a session that has died are closed", async () => {
    const ran = await kernel.run(`${host}\nhost.comm("lab", {}, {})\n0`)
    const comm = ran.outputs[0].content.comm_id
    await kernel.run("process.kill(process.pid, 'SIGKILL')\nfor (;;);")
    await kernel.when(() =>
      kernel.published.find(({ type, content }) => type === "comm_close" && content.comm_id === comm),
    )
    expect((await kernel.ask("comm_info_request", {})).comms).toEqual({})
  })
  test("a handler that throws is told, and the kernel goes on", async () => {
    const ran = await kernel.run(
      `${host}\nhost.comm("bad", {}, { message: () => { throw new Error("in a handler") } })\n0`,
    )
    const sent = kernel.send("comm_msg", { comm_id: ran.outputs[0].content.comm_id, data: {} })
    await kernel.idle(sent)
    expect(kernel.outputsOf(sent).map(({ content }) => content.evalue)).toEqual(["in a handler"])
    expect(resultOf(await kernel.run("1"))).toBe("1")
  })
})

test("a shutdown is answered, then the kernel is gone", async () => {
  const other = await KernelUnderTest.start()
  const gone = new Promise((resolve) => other.process.once("exit", resolve))
  expect(await other.ask("shutdown_request", { restart: true }, "control")).toEqual({
    status: "ok",
    restart: true,
  })
  expect(await gone).toBe(0)
  await other.stop()
})
