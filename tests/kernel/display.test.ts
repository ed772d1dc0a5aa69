import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { KernelUnderTest, printed, resultOf, tracebackOf } from "./client"

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start()
})
afterAll(() => kernel.stop())

test("a value that says how it is shown becomes a result with all its forms", async () => {
  const ran = await kernel.run(
    '({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<i>me</i>", "text/plain": "me" }) })',
  )
  const [result] = ran.outputs
  expect(result.type).toBe("execute_result")
  expect(result.content.data).toEqual({ "text/html": "<i>me</i>", "text/plain": "me" })
  expect(result.content.execution_count).toBe(ran.reply.execution_count)
})

test("a display without plain text gets one", async () => {
  const ran = await kernel.run('({ size: 3, [Symbol.for("Jupyter.display")]: () => ({ "text/html": "x" }) })')
  expect(resultOf(ran)).toContain("size: 3")
})

test("nothing is shown for undefined, a declaration or an enum", async () => {
  for (const code of ["undefined", "const x = 1", "enum E { A }", "type T = 1", ""]) {
    expect((await kernel.run(code)).outputs).toEqual([])
  }
})

test("null, strings and nested objects are shown as inspect writes them, without colours", async () => {
  expect(resultOf(await kernel.run("null"))).toBe("null")
  expect(resultOf(await kernel.run("'text'"))).toBe("'text'")
  expect(resultOf(await kernel.run("({ a: [1, { b: 2n }] })"))).toBe("{ a: [ 1, { b: 2n } ] }")
})

test("an array of plain objects is a table", async () => {
  const ran = await kernel.run("[{ ring: 0, name: 'kernel' }, { ring: 3, name: '<user>' }]")
  expect(resultOf(ran)).toBe("ring  name\n----  ------\n0     kernel\n3     <user>")
  const html: string = ran.outputs[0].content.data["text/html"]
  expect(html).toContain('<th>ring</th><th style="text-align:left">name</th>')
  expect(html).toContain('<td>3</td><td style="text-align:left">&lt;user&gt;</td>')
})

test("values that defend themselves are shown somehow and break nothing", async () => {
  const circular = "const c: any = {}\nc.self = c\nc"
  const getter = "({ get boom(): number { throw new Error('no') } })"
  const proxy = "new Proxy({}, { get() { throw new Error('no') }, ownKeys() { throw new Error('no') } })"
  const display = "({ [Symbol.for('Jupyter.display')]() { throw new Error('no show') } })"
  expect(resultOf(await kernel.run(circular))).toContain("[Circular *1]")
  for (const code of [getter, proxy]) expect((await kernel.run(code)).reply.status).toBe("ok")
  expect(resultOf(await kernel.run(display))).toBe("(this value cannot be shown: no show)")
  expect(
    resultOf(await kernel.run("({ [Symbol.for('Jupyter.display')]: () => ({ 'application/json': 1n }) })")),
  ).toContain("cannot be shown")
  expect(resultOf(await kernel.run("1 + 1"))).toBe("2")
})

test("a huge value is cut, and says so", async () => {
  const text = resultOf(
    await kernel.run(
      "'x'.repeat(1e6).split('').map((_, i) => 'y'.repeat(50) + i).slice(0, 100).concat(Array(1e5).fill('z'.repeat(1e4)))",
    ),
  )
  expect(text?.length).toBeLessThan(1_100_000)
})

test("text on both streams arrives in order, before the cell is idle", async () => {
  const ran = await kernel.run(
    "console.log('a'); console.error('b'); process.stdout.write('c'); console.log('%d', 4)",
  )
  const texts = ran.outputs.map(({ content }) => [content.name, content.text])
  expect(texts).toEqual([
    ["stdout", "a\n"],
    ["stderr", "b\n"],
    ["stdout", "c4\n"],
  ])
})

test("endless text is limited, and the cell goes on", async () => {
  const ran = await kernel.run("for (let i = 0; i < 3e5; i++) console.log('0123456789')\n'done'")
  expect(printed(ran).length).toBeLessThan(1_001_000)
  expect(printed(ran)).toContain("is not shown")
  expect(resultOf(ran)).toBe("'done'")
})

describe("however much a cell shows, the browser gets what it can bear, and the result:", () => {
  const lines = async (code: string): Promise<readonly [number, string]> => {
    const ran = await kernel.run(`${code}\n"the result"`)
    expect(resultOf(ran)).toBe("'the result'")
    return [ran.outputs.length, printed(ran)]
  }
  const host = 'const host = (globalThis as any)[Symbol.for("ringlab.host")]\n'

  test.each([
    ["displays", 'for (let i = 0; i < 1e5; i++) host.show({ "text/plain": "x" })'],
    [
      "replaced displays",
      'for (let i = 0; i < 1e5; i++) host.show({ "text/plain": "x" }, { id: "a", update: true })',
    ],
    ["cleared output", "for (let i = 0; i < 1e5; i++) console.clear()"],
    ["messages on a comm", "const comm = host.comm('x', {}, {})\nfor (let i = 0; i < 1e5; i++) comm.send(i)"],
    ["a message of many bytes", "host.comm('x', {}, {}).send(1, [new Uint8Array(1e8)])"],
  ])("%s", async (_, code) => {
    const [count, text] = await lines(host + code)
    expect(count).toBeLessThan(4000)
    expect(text).toContain("shows more than a browser can bear")
  })
  test("text that changes between the streams", async () => {
    const [count, text] = await lines("for (let i = 0; i < 1e5; i++) { console.log(1); console.error(2) }")
    expect(count).toBeLessThan(11_000)
    expect(text).toContain("is not shown")
  })
  test("errors that come after the end of their cell", async () => {
    const first = await kernel.run(
      "for (let i = 0; i < 1e4; i++) setTimeout(() => { throw new Error('late') }, 1)\n0",
      { stop_on_error: false },
    )
    await kernel.run("await new Promise((resolve) => setTimeout(resolve, 500))")
    const late = kernel.outputsOf(first.id)
    expect(late.length).toBeLessThan(4000)
    expect(printed({ outputs: late })).toContain("shows more than a browser can bear")
  })
  test("text of a program", async () => {
    const [, text] = await lines(
      'import { execSync } from "node:child_process"\nexecSync("yes | head -c 3000000", { stdio: "inherit" })',
    )
    expect(text.length).toBeLessThan(1_001_000)
    expect(text).toContain("is not shown")
  })
})

test("a character that is written in pieces arrives whole", async () => {
  expect(
    printed(
      await kernel.run("for (const byte of [0xe2, 0x82, 0xac]) process.stdout.write(Buffer.from([byte]))"),
    ),
  ).toBe("€")
})

test("messages stay JSON, whatever a cell makes of JSON", async () => {
  const other = await KernelUnderTest.start()
  await other.run("JSON.stringify = () => 'nothing'\n;(Object.prototype as any).toJSON = () => undefined")
  expect((await other.run("1 + 1")).reply.status).toBe("ok")
  await other.run("delete (Object.prototype as any).toJSON")
  expect(resultOf(await other.run("1 + 1"))).toBe("2")
  await other.stop()
})

test("output of a timer goes to the cell that started it, though another cell runs", async () => {
  const first = await kernel.run("setTimeout(() => console.log('from the first'), 30)\n0")
  const second = await kernel.run(
    "await new Promise((resolve) => setTimeout(resolve, 200))\nconsole.log('from the second')",
  )
  expect(printed(second)).toBe("from the second\n")
  expect(printed({ outputs: kernel.outputsOf(first.id) })).toBe("from the first\n")
})

test("console.clear clears the cell's output", async () => {
  const ran = await kernel.run("console.log(1); console.clear()")
  expect(ran.outputs.map(({ type }) => type)).toEqual(["stream", "clear_output"])
})

test("programs that a cell starts print below it", async () => {
  const ran = await kernel.run(
    'import { execFileSync } from "node:child_process"\nexecFileSync(process.execPath, ["-e", "console.log(7)"], { stdio: "inherit" })',
  )
  expect(tracebackOf(ran)).toBe("")
  expect(printed(ran)).toBe("7\n")
})
