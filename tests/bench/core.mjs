/**
 * `npm run bench -- core`: six programs on ringlab and v86, in one run, from the same bytes, and some in ordinary segments
 * beside the same in flat ones. Each measurement has a process of its own: what one machine taught the JavaScript engine is
 * of no use, and no hindrance, to the next.
 */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { programs } from "./programs.mjs"
import { pairs } from "./segments.mjs"

/** Bytes of a checksum. */
const CHECKSUM = 4
const MACHINES = ["ringlab", "recorded", "v86", "v86-jit"]

/** What `measure.mjs` prints: steps of a round, its seconds, and the checksums that were sent. */
const measure = (machine, { name }) =>
  JSON.parse(
    execFileSync(process.execPath, [fileURLToPath(new URL("measure.mjs", import.meta.url)), machine, name]),
  )

/** All machines' checksums must be the same as far as each got. */
function compareWork(name, sent) {
  const length = Math.min(...sent.map((text) => text.length))
  if (length < 2 * CHECKSUM || new Set(sent.map((text) => text.slice(0, length))).size !== 1)
    throw new Error(`The machines' checksums of “${name}” differ.`)
}

function row(program) {
  const measured = MACHINES.map((machine) => measure(machine, program))
  compareWork(
    program.name,
    measured.map(({ sent }) => sent),
  )
  const rates = measured.map(({ seconds }) => measured[0].steps / seconds / 1e6)
  return [...rates, rates[0] / rates[2], rates[0] / rates[3]]
}

const HEADS = ["ringlab", "recorded", "v86, no JIT", "v86, JIT", "ratio", "ratio to JIT"]
const line = (name, cells) => name.padEnd(28) + cells.map((cell) => cell.padStart(13)).join("")

const rate = (program) => {
  const { steps, seconds } = measure("ringlab", program)
  return steps / seconds / 1e6
}
const middle = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1]

/** How fast a program is in its segments, as a part of how fast it is in flat ones: measured in turn, some times. */
function segments(report) {
  for (const { what, wanted, bounded, flat } of pairs()) {
    const rates = Array.from({ length: 3 }, () => [rate(bounded), rate(flat)])
    const ratio = middle(rates.map(([a, b]) => a / b))
    report(
      what,
      ratio.toFixed(2),
      `of ${middle(rates.map(([, b]) => b)).toFixed(0)} million/s; wanted: ${wanted}`,
    )
  }
}

/** Instructions are counted as ringlab counts them: each iteration of a repeated one is one. */
export function core(report) {
  console.log(line("millions of instructions/s", HEADS))
  for (const program of programs())
    console.log(
      line(
        program.name,
        row(program).map((n) => n.toFixed(2)),
      ),
    )
  segments(report)
}
