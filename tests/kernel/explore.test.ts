import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { KernelUnderTest, type Message, printed, type Ran, resultOf, tracebackOf } from "./client"

const TYPE = "application/vnd.ringlab.explore.v1+json"

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start()
  await kernel.run('import { chart, choice, explore, range, toggle } from "ringlab"')
})
afterAll(() => kernel.stop())

interface Shown {
  readonly ran: Ran
  readonly data: Record<string, never>
  readonly controls: {
    readonly target: string
    readonly parameters: object
    readonly values: object
    readonly printed: string
    readonly displays?: readonly object[]
  }
}

/** Runs a cell that ends in an exploration. */
async function shown(code: string): Promise<Shown> {
  const ran = await kernel.run(code)
  const data = ran.outputs.find(({ type }) => type === "execute_result")?.content.data
  return { ran, data, controls: data?.[TYPE] }
}

let comms = 0

/** Opens a comm to an exploration, as the browser does. */
async function open(target: string): Promise<string> {
  const comm = `browser-${++comms}`
  await kernel.idle(kernel.send("comm_open", { comm_id: comm, target_name: target, data: {} }))
  return comm
}

/** Sends new values and returns the message's id. */
function change(comm: string, values: object): string {
  return kernel.send("comm_msg", { comm_id: comm, data: { values } }, "shell", [], { latest: true })
}

async function outputsOf(id: string): Promise<Message[]> {
  await kernel.idle(id)
  return kernel.outputsOf(id)
}

/** Plain text of what a change shows. */
async function textOf(id: string): Promise<string> {
  const found = (await outputsOf(id)).find(({ type }) => type === "display_data")
  return found?.content.data["text/plain"]
}

describe("the first run", () => {
  test("shows what the function returns for the first values, and says what can be changed", async () => {
    const { data, controls } = await shown(
      'explore({ a: range(1, 10, { unit: "pages" }), mode: choice("x", "y"), on: toggle() }, ({ a, mode, on }) => [a, mode, on].join())',
    )
    expect(data["text/plain"]).toBe("'1,x,false'")
    expect(controls.values).toEqual({ a: 1, mode: "x", on: false })
    expect(controls.parameters).toMatchObject([
      { name: "a", kind: "range", label: "a", unit: "pages", min: 1, max: 10 },
      { name: "mode", kind: "choice", options: ["x", "y"] },
      { name: "on", kind: "toggle" },
    ])
  })

  test("waits for a promise", async () => {
    const { data } = await shown(
      "explore({ a: range(3, 4) }, async ({ a }) => { await new Promise((r) => setTimeout(r, 20)); return [{ a }] })",
    )
    expect(data["text/html"]).toContain("<table>")
    expect(data["text/plain"]).toBe("a\n-\n3")
  })

  test("carries what the function printed with its result, not above it", async () => {
    const { ran, data, controls } = await shown(
      'console.log("above")\nexplore({ a: range(0, 1) }, ({ a }) => { console.log("a is", a) })',
    )
    expect(printed(ran)).toBe("above\n")
    expect(controls.printed).toBe("a is 0\n")
    expect(data["text/plain"]).toBe("")
  })

  test("carries what the function displayed before its result, not above it", async () => {
    const { ran, data, controls } = await shown(
      `import { display } from "tslab"
explore({ a: range(2, 3) }, ({ a }) => { display.html("<b>" + a + "</b>"); display.text("a"); return a })`,
    )
    expect(ran.outputs.map(({ type }) => type)).toEqual(["execute_result"])
    expect(controls.displays).toEqual([{ "text/html": "<b>2</b>" }, { "text/plain": "a" }])
    expect(data["text/plain"]).toBe("2")
  })

  test("of a function that returns nothing shows what it displayed last", async () => {
    const { data, controls } = await shown(
      `explore({ a: range(2, 3) }, ({ a }) => {
  display.html("gone"); display.clear(); display.text("one"); display.html("<b>" + a + "</b>") })`,
    )
    expect(data["text/html"]).toBe("<b>2</b>")
    expect(controls.displays).toEqual([{ "text/plain": "one" }])
  })

  test("that fails is the cell's error, on the cell's line, with what was printed", async () => {
    const { ran } = await shown(
      'explore({ a: range(0, 1) }, ({ a }) => {\n  console.log("before"); display.text("shown")\n  throw new Error("no " + a)\n})',
    )
    expect(ran.outputs.map(({ type }) => type)).toEqual(["stream", "display_data", "error"])
    expect(ran.reply).toMatchObject({ status: "error", ename: "Error", evalue: "no 0" })
    expect(tracebackOf(ran)).toMatch(/at cell \d+, line 3/)
    expect(printed(ran)).toBe("before\n")
    expect(resultOf(ran)).toBeUndefined()
  })

  test("carries no more displays than a cell may show, and makes nothing of the rest", async () => {
    const { ran, controls } = await shown(
      `let asked = 0
explore({ a: range(0, 1) }, () => {
  for (let i = 0; i < 10_000; i++) (globalThis as any)[Symbol.for("ringlab.host")].show({ "application/json": { toJSON: () => asked++ } })
})`,
    )
    expect(printed(ran)).toBe("(this cell shows more than a browser can bear: the rest is not shown)\n")
    expect(controls.displays?.length).toBeGreaterThan(1900)
    expect(controls.displays?.length).toBeLessThan(4000)
    expect(Number(resultOf(await kernel.run("asked")))).toBeLessThan(4000)
  })

  test("that fails shows all that it displayed", async () => {
    const { ran } = await shown(
      'explore({ a: range(0, 1) }, () => {\n  for (let i = 0; i < 1500; i++) display.text(String(i))\n  throw new Error("no")\n})',
    )
    const texts = ran.outputs.flatMap(({ type, content }) =>
      type === "display_data" ? [content.data["text/plain"]] : [],
    )
    expect(texts).toEqual(Array.from({ length: 1500 }, (_, i) => String(i)))
    expect(printed(ran)).toBe("")
  })

  test("can be interrupted", async () => {
    const id = kernel.submit('console.log("running")\nexplore({ a: range(0, 1) }, () => { for (;;); })')
    await kernel.interruptWhenPrinting(id)
    expect((await kernel.finished(id)).reply).toMatchObject({ status: "error", ename: "Interrupted" })
  })
})

describe("a change", () => {
  let comm: string
  let ran: Ran
  beforeEach(async () => {
    const cell = await shown(
      `let runs: number[] = []
explore({ a: range(0, 100) }, async ({ a }) => {
  runs.push(a)
  if (a === 13) throw new Error("bad luck")
  if (a === 50) for (;;);
  if (a === 51) await new Promise(() => {})
  if (a === 20) await new Promise((done) => setTimeout(done, 300))
  if (a === 30) console.log("thirty")
  return a === 40 ? chart({ data: [{ y: [1, 2, a] }] }) : a * 2
})`,
    )
    ran = cell.ran
    comm = await open(cell.controls.target)
  })

  test("runs the function and shows its new result", async () => {
    expect(resultOf(ran)).toBe("0")
    expect(await textOf(change(comm, { a: 7 }))).toBe("14")
  })

  test("may show anything that a cell may: here a chart with its picture", async () => {
    const [shown] = await outputsOf(change(comm, { a: 40 }))
    expect(shown.content.data["application/vnd.plotly.v1+json"].data).toEqual([{ y: [1, 2, 40] }])
    expect(shown.content.data["image/svg+xml"]).toContain("<polyline")
  })

  test("that comes while the function runs waits, and only the latest of them counts", async () => {
    const ids = [20, 21, 22, 23].map((a) => change(comm, { a }))
    expect(await textOf(ids[3])).toBe("46")
    expect(await textOf(ids[0])).toBe("40")
    expect(await Promise.all(ids.slice(1, 3).map(outputsOf))).toEqual([[], []])
    expect(resultOf(await kernel.run("runs"))).toBe("[ 0, 20, 23 ]")
  })

  test("on which the function fails is told with the cell's line, and the next one works", async () => {
    const id = change(comm, { a: 13 })
    const outputs = await outputsOf(id)
    expect(tracebackOf({ outputs })).toMatch(/Error: bad luck[\s\S]*> 4 \|[\s\S]*at cell \d+, line 4/)
    expect(await textOf(change(comm, { a: 14 }))).toBe("28")
  })

  test.each([
    ["computes for ever", 50],
    ["waits for ever", 51],
  ])("on which the function %s is interrupted, and the next one works", async (_, a) => {
    const id = change(comm, { a })
    await kernel.when(() => kernel.published.find((message) => isBusy(message, id)))
    await kernel.ask("interrupt_request", {}, "control")
    const [error] = await outputsOf(id)
    expect(error).toMatchObject({ type: "error", content: { ename: "Interrupted" } })
    expect(await textOf(change(comm, { a: 15 }))).toBe("30")
  })

  test("shows what the function displays, and a result only if there is one", async () => {
    const { controls } = await shown(
      'explore({ a: range(0, 9) }, ({ a }) => { display.text("a is " + a); if (a === 3) return "three" })',
    )
    const own = await open(controls.target)
    const texts = async (a: number) =>
      (await outputsOf(change(own, { a })))
        .filter(({ type }) => type === "display_data")
        .map(({ content }) => content.data["text/plain"])
    expect(await texts(3)).toEqual(["a is 3", "'three'"])
    expect(await texts(4)).toEqual(["a is 4"])
  })

  test("shows what the function prints, too", async () => {
    const outputs = await outputsOf(change(comm, { a: 30 }))
    expect(printed({ outputs })).toBe("thirty\n")
  })

  test("to a value that no control gives is refused with a sentence", async () => {
    const [error] = await outputsOf(change(comm, { a: 101 }))
    expect(error.content.evalue).toBe("a cannot be 101: 0 to 100")
  })
})

test("a function that the kernel does not know closes the comm at once", async () => {
  const id = kernel.send("comm_open", { comm_id: "late", target_name: "ringlab-old-1", data: {} })
  expect((await outputsOf(id)).map(({ type }) => type)).toEqual(["comm_close"])
})

test("a cell that is run again and again keeps only its newest functions alive", async () => {
  const code = `const host = (globalThis as any)[Symbol.for("ringlab.host")]
const targets: string[] = []
for (let i = 0; i < 301; i++) targets.push(host.offerComm(() => ({})))
targets.filter((_, i) => i < 2).join()`
  const [oldest, next] = (resultOf(await kernel.run(code)) ?? "").replaceAll("'", "").split(",")
  const closed = async (target: string): Promise<boolean> => {
    const id = kernel.send("comm_open", { comm_id: target, target_name: target, data: {} })
    return (await outputsOf(id)).some(({ type }) => type === "comm_close")
  }
  expect(await closed(oldest)).toBe(true)
  expect(await closed(next)).toBe(false)
})

function isBusy({ type, parent, content }: Message, id: string): boolean {
  return type === "status" && parent === id && content.execution_state === "busy"
}
