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
  test("a loop in a package that catches everything and asks nobody, at once, after an await or in a timer", async () => {
    kernel.write("stubborn.cjs", "module.exports = () => { for (;;) try { for (;;); } catch {} }")
    const spin = "const spin = require('./stubborn.cjs')\n"
    await interrupted(`${spin}spin()`)
    await interrupted(`${spin}await null\nspin()`)
    await interrupted(`${spin}setTimeout(spin, 1)\nawait new Promise(() => {})`)
    await interrupted(`${spin}setImmediate(spin)\nawait new Promise(() => {})`)
  })
  test("code in eval, a regular expression, arithmetic with large numbers, and a wait for another thread", async () => {
    await interrupted("eval('for (;;);')")
    await interrupted("/(a+)+b/.test('a'.repeat(100))")
    await interrupted(
      "let large = 3n\n;[0].forEach(() => eval('for (;;) large = (large * 3n) % 10n ** 50n'))",
    )
    await interrupted("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)")
  })
  test("a search of Popek and Goldberg's", async () => {
    await interrupted('import { popekGoldberg } from "ringlab"\npopekGoldberg({ ring: 1 }, { states: 5000 })')
  })
  test("a program that a cell waits for, in a shell or not", async () => {
    const node = `[process.execPath, ["-e", "setTimeout(() => 0, 60000)"]]`
    await interrupted(
      `import { execFileSync } from "node:child_process"\nexecFileSync(...(${node} as [string, string[]]))`,
    )
    await interrupted('import { execSync } from "node:child_process"\nexecSync("sleep 60")')
  })
})

test("variables of a cell that was broken off have no value, and say so; those of other cells keep theirs", async () => {
  await kernel.run("let counted = 1")
  const id = kernel.submit("let broken = 1\ncounted = 2\nconsole.log('running')\neval('for (;;);')")
  await kernel.interruptWhenPrinting(id)
  await kernel.finished(id)
  expect(resultOf(await kernel.run("counted"))).toBe("2")
  expect((await kernel.run("broken")).reply.evalue).toMatch(/broken has no value/)
})

test("an interrupt while the compiler works ends that, and keeps variables", async () => {
  await kernel.run("let kept = 'compiled'")
  const deep =
    "type Deep<N extends number, T extends unknown[] = []> = T['length'] extends N ? T : Deep<N, [...T, N]>"
  const many = Array.from({ length: 400 }, (_, n) => `const d${n}: Deep<${500 + n}> = 0 as never`)
  const id = kernel.submit([deep, ...many].join("\n"))
  await new Promise((resolve) => setTimeout(resolve, 300))
  await kernel.ask("interrupt_request", {}, "control")
  expect((await kernel.finished(id)).reply).toMatchObject({ status: "error", ename: "Interrupted" })
  expect(resultOf(await kernel.run("kept"))).toBe("'compiled'")
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
  /**
   * The cell ends with a sentence, variables are gone, and the kernel goes on.
   * @param interrupt the cell is interrupted when it has printed this
   */
  async function lost(code: string, reason: RegExp, interrupt?: string, warning?: RegExp): Promise<void> {
    await kernel.run("let gone = 1")
    const id = kernel.submit(`console.log('running');\n${code}`)
    if (interrupt) await kernel.interruptWhenPrinting(id, interrupt)
    const ran = await kernel.finished(id)
    expect(ran.reply).toMatchObject({ status: "error", ename: "SessionEnded" })
    expect(ran.reply.evalue).toMatch(reason)
    expect(ran.reply.evalue).toContain("variables are lost")
    expect(printed(ran)).toContain("running")
    if (warning) expect(printed(ran, "stderr")).toMatch(warning)
    expect((await kernel.run("gone")).reply.evalue).toContain("Cannot find name 'gone'")
    expect(resultOf(await kernel.run("1 + 1"))).toBe("2")
  }

  test("arithmetic on one number that is too large to hear an interrupt, which is told before", () =>
    lost(
      "3n ** 2n ** 29n",
      /5 seconds/,
      "running",
      /in two seconds the session is ended, and all variables are lost/,
    ))
  test("a program that is none of this session's, which is told before", () => {
    const options = "{ detached: true, stdio: 'inherit' } as object" // Node's types do not know that it works
    return lost(
      `import { spawnSync } from "node:child_process"
spawnSync(process.execPath, ["-e", "console.log('started'); setTimeout(() => 0, 15000)"], ${options})`,
      /5 seconds|process ended/,
      "started",
      /in two seconds the session is ended, and all variables are lost/,
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
    lost("const all: object[] = []\nfor (;;) all.push({ n: all.length })", /memory/))
  test("a runaway map, which V8 has no mercy with", () =>
    lost("const all = new Map()\nfor (let i = 0; ; i++) all.set(i, { i })", /more memory/))
  test("a runaway store of bytes", () =>
    lost("const all: Uint8Array[] = []\nfor (;;) all.push(new Uint8Array(1e6).fill(1))", /memory/))
  test("a process that is killed", () =>
    lost(
      "await new Promise((resolve) => setTimeout(resolve, 200))\nprocess.kill(process.pid, 'SIGKILL')\nfor (;;);",
      /process ended/,
    ))
}, 120_000)
