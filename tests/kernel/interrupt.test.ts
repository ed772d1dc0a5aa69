import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { KernelUnderTest, printed, resultOf, tracebackOf } from "./client"

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start({}, { RINGLAB_HEAP_MB: "256", RINGLAB_PROCESS_MB: "900" })
})
afterAll(() => kernel.stop())

/** Runs a cell that has no end, interrupts it, and checks that variables are kept and the next cell runs. */
async function interrupted(code: string): Promise<string> {
  await kernel.run("let kept = 'before'")
  const id = kernel.submit(`kept = 'during'\nconsole.log('running');\n${code}`)
  await kernel.interruptWhenPrinting(id)
  const ran = await kernel.finished(id)
  expect(ran.reply).toMatchObject({ status: "error", ename: "Interrupted" })
  expect(resultOf(await kernel.run("kept"))).toBe("'during'")
  return tracebackOf(ran)
}

describe("an interrupt ends, and keeps variables for the next cell,", () => {
  test("an endless loop", async () => {
    for (const loop of ["for (;;);", "while (true) {}", "do {} while (true)"]) await interrupted(loop)
  })
  test("a loop that follows an await", async () => {
    await interrupted("await null\nfor (;;);")
  })
  test("a loop that awaits", async () => {
    await interrupted("for (;;) await null")
    await interrupted("for (;;) await new Promise((resolve) => setTimeout(resolve, 1))")
  })
  test("a loop in a function of an earlier cell", async () => {
    await kernel.run("function spin() { while (true) {} }")
    expect(await interrupted("spin()")).toMatch(/cell \d+, line 3/)
  })
  test("a loop in a callback", async () => {
    await interrupted("[1].forEach(() => { for (;;); })")
    await interrupted("setTimeout(() => { for (;;); }, 1)\nawait new Promise(() => {})")
  })
  test("a promise that never settles", async () => {
    await interrupted("await new Promise(() => {})")
  })
  test("a timer that computes for ever, again and again", async () => {
    await interrupted("setInterval(() => { for (;;); }, 1)\nawait new Promise(() => {})")
  })
  test("recursion without end in time", async () => {
    await interrupted("const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2))\nfib(100)")
    await interrupted("function deep(): void { try { deep() } finally { deep() } }\ndeep()")
  })
  test("a loop that catches everything", async () => {
    await interrupted("for (;;) try { for (;;); } catch {}")
  })
  test("a loop in a generator, and a loop in a local file", async () => {
    await interrupted("function* gen() { for (;;) yield 1 }\nfor (const x of gen()) void x")
    kernel.write("endless.ts", "export function endless(): void {\n  for (;;);\n}")
    await interrupted('import { endless } from "./endless"\nendless()')
  })
  test("endless output", async () => {
    await interrupted("for (;;) console.log('more')")
  })
  test("a package's code that asks whether it should stop", async () => {
    const ask = "const host = globalThis[Symbol.for('ringlab.host')]"
    kernel.write(
      "polls.cjs",
      `module.exports = () => { ${ask}; while (!host.stopRequested()); return 'stopped' }`,
    )
    await interrupted("const poll = require('./polls.cjs')\npoll()")
  })
})

test("code of an interrupted cell does not go on behind the next ones", async () => {
  const id = kernel.submit(
    "let ticks = 0\nconsole.log('running')\nfor (;;) { await new Promise((resolve) => setTimeout(resolve, 1)); ticks++ }",
  )
  await kernel.interruptWhenPrinting(id)
  await kernel.finished(id)
  const first = resultOf(await kernel.run("await new Promise((resolve) => setTimeout(resolve, 30))\nticks"))
  const second = resultOf(await kernel.run("await new Promise((resolve) => setTimeout(resolve, 30))\nticks"))
  expect(second).toBe(first)
})

test("a loop that tries again after every failure ends, too", async () => {
  await kernel.run("let tries = 0")
  const read = "require('node:fs/promises').readFile('/no/such/file')"
  await interrupted(`for (;;) try { tries++; await ${read} } catch {}`)
  const first = resultOf(await kernel.run(`await ${read}.catch(() => 0)\ntries`))
  await kernel.run("await new Promise((resolve) => setTimeout(resolve, 50))")
  expect(resultOf(await kernel.run("tries"))).toBe(first)
})

test("a cell that is asked for as soon as the interrupt is over runs", async () => {
  for (let round = 0; round < 20; round++) {
    const id = kernel.submit("console.log('on')\nawait new Promise(() => {})")
    await kernel.interruptWhenPrinting(id)
    await kernel.finished(id)
    expect((await kernel.run("1")).reply.status).toBe("ok")
  }
})

test("an interrupt while nothing runs does no harm", async () => {
  await kernel.ask("interrupt_request", {}, "control")
  expect(resultOf(await kernel.run("let t = 0\nfor (let i = 0; i < 1000; i++) t += i\nt"))).toBe("499500")
})

describe("a session that cannot go on is replaced, and its cell says so:", () => {
  /** The cell ends with a sentence, variables are gone, and the kernel goes on. */
  async function lost(code: string, reason: RegExp, interrupt: boolean): Promise<void> {
    await kernel.run("let gone = 1")
    const id = kernel.submit(`console.log('running');\n${code}`)
    if (interrupt) await kernel.interruptWhenPrinting(id)
    const ran = await kernel.finished(id)
    expect(ran.reply).toMatchObject({ status: "error", ename: "SessionEnded" })
    expect(ran.reply.evalue).toMatch(reason)
    expect(ran.reply.evalue).toContain("variables are lost")
    expect(printed(ran)).toContain("running")
    expect((await kernel.run("gone")).reply.evalue).toContain("Cannot find name 'gone'")
    expect(resultOf(await kernel.run("1 + 1"))).toBe("2")
  }

  test("a native loop that hears no interrupt", () =>
    lost("/(a+)+b/.test('a'.repeat(100))", /5 seconds/, true))
  test("a native call that hears no interrupt", () => {
    const sleep = "execFileSync(process.execPath, ['-e', 'setTimeout(() => 0, 30000)'])"
    return lost(
      `import { execFileSync } from "node:child_process"\n${sleep}`,
      /5 seconds|process ended/,
      true,
    )
  })
  test("one whose promises an earlier cell has broken", async () => {
    const never = "{ console.log('never'); return new Promise(() => {}) }"
    await kernel.run(`let gone = 1\nPromise.race = () => ${never}`)
    const id = kernel.submit("gone")
    await kernel.interruptWhenPrinting(id)
    const ran = await kernel.finished(id)
    expect(ran.reply.evalue).toMatch(/5 seconds.*variables are lost/)
    expect(resultOf(await kernel.run("1 + 1"))).toBe("2")
  })
  test("a runaway array", () =>
    lost("const all: object[] = []\nfor (;;) all.push({ n: all.length })", /memory/, false))
  test("a runaway map, which V8 has no mercy with", () =>
    lost("const all = new Map()\nfor (let i = 0; ; i++) all.set(i, { i })", /more memory/, false))
  test("a runaway store of bytes", () =>
    lost("const all: Uint8Array[] = []\nfor (;;) all.push(new Uint8Array(1e6).fill(1))", /memory/, false))
  test("a process that is killed", () =>
    lost(
      "await new Promise((resolve) => setTimeout(resolve, 200))\nprocess.kill(process.pid, 'SIGKILL')\nfor (;;);",
      /process ended/,
      false,
    ))
}, 120_000)
