// The kernel beside stock tslab and ipykernel, which take turns, so that other load disturbs all of them alike.
import { readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { environmentPython, inProject } from "../../kernel/launch/places.mjs"
import { privateVariables } from "../../kernel/launch/variables.mjs"
import { MeasuredKernel } from "./kernel-client.mjs"

const tslab = dirname(createRequire(import.meta.url).resolve("tslab/package.json"))
const KERNELS = {
  ringlab: [process.execPath, inProject("kernel", "dist", "main.js"), "--connection", "{connection_file}"],
  tslab: [process.execPath, join(tslab, "bin", "tslab"), "kernel", "--config-path={connection_file}"],
  ipykernel: [environmentPython(), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
}
const NAMES = Object.keys(KERNELS)

/** Starts a kernel until its first cell has run; one that falls silent is started again. @returns it, and the time it took */
async function start(name) {
  const began = performance.now()
  const kernel = await MeasuredKernel.start(KERNELS[name], privateVariables())
  try {
    await kernel.run("1 + 1")
    return { kernel, time: performance.now() - began }
  } catch (error) {
    console.log(`${name}: ${error.message}; once more.`)
    await kernel.stop()
    return start(name)
  }
}

const milliseconds = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`

/** Milliseconds that some work takes. */
async function timed(work) {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** For each name, what `measure` gave when the names took turns so many times, from the least to the most. */
async function inTurns(names, times, measure) {
  const values = Object.fromEntries(names.map((name) => [name, []]))
  for (let n = 0; n < times; n++) for (const name of names) values[name].push(await measure(name, n))
  for (const name of names) values[name].sort((a, b) => a - b)
  return values
}

const least = ([first]) => first
const middle = (values) => values[Math.floor(values.length / 2)]

/** Prints a line for each kernel, and beside ours its ratio to the peer and whether that is what is wanted. */
function compare(report, what, values, { of = milliseconds, peer, wanted }) {
  for (const [name, value] of Object.entries(values)) {
    const ratio = values.ringlab / values[peer]
    const verdict = `${ratio.toFixed(2)} of ${peer}: ${ratio <= wanted ? "met" : "NOT MET"} (wanted: at most ${wanted})`
    report(`${what}, ${name}`, of(value), name === "ringlab" ? verdict : "")
  }
}

const best = (values, pick) =>
  Object.fromEntries(Object.entries(values).map(([name, all]) => [name, pick(all)]))

async function starts(report) {
  const times = await inTurns(NAMES, 5, async (name) => {
    const { kernel, time } = await start(name)
    await kernel.stop()
    return time
  })
  compare(report, "start to first result", best(times, least), { peer: "tslab", wanted: 1 })
}

async function cells(report, kernels) {
  const times = await inTurns(NAMES, 60, (name, n) => timed(() => kernels[name].run(`1 + ${n}`)))
  compare(report, "trivial cell, median", best(times, middle), { peer: "tslab", wanted: 0.5 })
}

const TURNS = 100_000_000
const LOOP = (turns) => `for (let n = 0; n < ${turns}; n++) total += n % 7`
const IN_FUNCTION = (turns) => `function f() { let total = 0\n${LOOP(turns)}\nreturn total }\nf()`

async function loops(report, { ringlab, tslab }) {
  await Promise.all([ringlab, tslab].map((kernel) => kernel.run("let total = 0")))
  const work = {
    "top level": () => ringlab.run(LOOP(TURNS)),
    "in a function": () => ringlab.run(IN_FUNCTION(TURNS)),
    "top level of tslab": () => tslab.run(LOOP(TURNS / 100)),
  }
  const times = best(await inTurns(Object.keys(work), 3, (name) => timed(work[name])), least)
  const each = (time, turns = TURNS) => `${((time / turns) * 1e6).toFixed(1)} ns`
  const ratio = times["top level"] / times["in a function"]
  const verdict = `${ratio.toFixed(2)} of a function's: ${ratio <= 2 ? "met" : "NOT MET"} (wanted: at most 2)`
  report("a loop's turn at the top level, ringlab", each(times["top level"]), verdict)
  report("a loop's turn in a function, ringlab", each(times["in a function"]), "")
  report("a loop's turn at the top level, tslab", each(times["top level of tslab"], TURNS / 100), "")
}

const LINES = 10_000
const PRINT = {
  ringlab: `for (let n = 0; n < ${LINES}; n++) console.log("line", n)`,
  ipykernel: `for n in range(${LINES}): print("line", n)`,
}

/** Without tslab, which sends a message a line: ZeroMQ drops those that come too fast. */
async function output(report, kernels) {
  const names = Object.keys(PRINT)
  await Promise.all(names.map((name) => kernels[name].listening()))
  const times = await inTurns(names, 5, (name) => timed(() => printAll(kernels[name], PRINT[name])))
  compare(report, "10,000 lines of output", best(times, least), { peer: "ipykernel", wanted: 1 })
}

async function printAll(kernel, code) {
  const lines = (await kernel.print(code)).split("\n").length - 1
  if (lines !== LINES) throw new Error(`A kernel printed ${lines} lines of ${LINES}.`)
}

/** Memory of a fresh kernel that has run one cell, all its processes together. Linux tells each its share of what they share. */
async function memory(report) {
  if (process.platform !== "linux") return report("memory when idle", "", "measured on Linux only")
  const values = {}
  for (const name of NAMES) {
    const { kernel } = await start(name)
    await sleep(3000)
    values[name] = family(kernel.process.pid)
      .map(shareOf)
      .reduce((a, b) => a + b)
    await kernel.stop()
  }
  const of = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
  compare(report, "memory when idle", values, { of, peer: "tslab", wanted: 1 })
}

/** A process and all that it has started. */
function family(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(family)]
}

function shareOf(pid) {
  return Number(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8").match(/^Pss:\s+(\d+)/m)[1]) * 1024
}

/** All lines of the kernel. @param report takes what was measured, the value, and what was wanted */
export async function benchKernels(report) {
  await starts(report)
  const running = await Promise.all(NAMES.map(async (name) => [name, (await start(name)).kernel]))
  const kernels = Object.fromEntries(running)
  await cells(report, kernels)
  await loops(report, kernels)
  await output(report, kernels)
  await Promise.all(NAMES.map((name) => kernels[name].stop()))
  await memory(report)
}
