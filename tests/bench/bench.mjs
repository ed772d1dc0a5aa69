/**
 * `npm run bench`: what the project promises about speed, as ratios against named peers measured in the same run.
 * Rates count processor seconds of this process, so that other load disturbs them less. Nothing here is a test.
 */

import { createRequire } from "node:module"
import { cpus } from "node:os"
import { browser } from "./browser.mjs"
import { core } from "./core.mjs"
import { benchHypervisors } from "./hypervisors.mjs"
import { benchKernels } from "./kernels.mjs"
import { memory } from "./memory.mjs"
import { sieve } from "./programs.mjs"
import { start } from "./start.mjs"

const { createPlayer, enterRing, explore, kit, asm, pc, record } = createRequire(import.meta.url)("ringlab")

function report(what, value, wanted) {
  console.log(`${what.padEnd(62)} ${value.padStart(14)}   ${wanted}`)
}

/** Median of the milliseconds that each of `count` calls takes. */
function median(count, call) {
  const times = Array.from({ length: count }, (_, n) => {
    const began = performance.now()
    call(n)
    return performance.now() - began
  }).sort((a, b) => a - b)
  return times[Math.floor(count / 2)]
}

/** A guest with traps, for recordings: ring 3 asks the kernel again and again. */
const CALLS = asm`${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main:
${enterRing(3, "user")}
user:
  mov ecx, 20
count: loop count
  int 0x80
  jmp user
service:
  inc ebx
  iretd`

/** Median of the milliseconds that each of `count` calls takes to its answer, one after the other. */
async function medianAwaited(count, call) {
  const times = []
  for (let n = 0; n < count; n++) {
    const began = performance.now()
    await call(n)
    times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[Math.floor(count / 2)]
}

async function frames() {
  const recording = record(pc().load(CALLS), { steps: 100_000 })
  const player = createPlayer()
  const ask = (request) => player.handle({ id: 1, recording: 1, ...request }, () => {})
  await ask({ do: "open", output: JSON.parse(JSON.stringify(recording.output())) })
  const frame = (step) => ask({ do: "frame", step, options: { pins: ["esp"] } })
  const steps = (n) => (n * 7919) % 100_000
  report(
    "any of 100,000 steps shown (frame), median",
    `${(await medianAwaited(300, (n) => frame(steps(n)))).toFixed(1)} ms`,
    "wanted: 16 ms",
  )
  report(
    "stepping back from step to step, median",
    `${(await medianAwaited(300, (n) => frame(90_000 - n))).toFixed(1)} ms`,
    "wanted: 16 ms",
  )
}

async function longRun() {
  const recording = record(pc().load(sieve()), { steps: 100_000_000 })
  const output = recording.output()
  let slices = 0
  const player = createPlayer({
    breathe() {
      slices++
      return Promise.resolve()
    },
  })
  const began = performance.now()
  await player.handle({ id: 1, do: "open", recording: 1, output }, () => {})
  const opened = (performance.now() - began) / 1000
  const before = performance.now()
  await player.handle({ id: 2, do: "frame", recording: 1, step: 67_654_321, options: {} }, () => {})
  const reached = performance.now() - before
  report(
    "100 million steps: opened with checkpoints",
    `${opened.toFixed(1)} s`,
    `${slices} slices, each the last if cancelled`,
  )
  report("100 million steps: a step in the middle", `${reached.toFixed(0)} ms`, "")
  report(
    "memory of this process after it",
    `${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`,
    "wanted: 256 MiB for the replay",
  )
}

function experiments() {
  for (const name of ["rings/iopl", "traps/price"]) {
    report(
      `experiment ${name}, one change of a slider, median`,
      `${median(20, () => explore(name).result).toFixed(1)} ms`,
      "wanted: 50 ms with drawing",
    )
  }
}

/** What is measured, by the name that picks it: `npm run bench -- core browser`. */
const BENCHES = {
  core: () => core(report),
  memory: () => memory(report, median, pc),
  frames,
  "long-run": longRun,
  experiments,
  hypervisors: () => benchHypervisors(report),
  start: () => start(report),
  browser: () => browser(report),
  kernels: () => benchKernels(report),
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0) {
  console.error(`There is no bench “${unknown[0]}”: choose from ${Object.keys(BENCHES).join(", ")}.`)
  process.exit(1)
}
console.log(`processor: ${cpus()[0].model}; node ${process.version}`)
for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) await BENCHES[name]()
process.exit(0)
