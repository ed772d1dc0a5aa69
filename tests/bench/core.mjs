/** `npm run bench -- core`: six programs on ringlab and v86, in one run, from the same bytes. */
import { createRequire } from "node:module"
import { programs } from "./programs.mjs"
import { measureV86, stopwatch } from "./v86.mjs"

const { pc, record } = createRequire(import.meta.url)("ringlab")

/** Bytes of a checksum. */
const CHECKSUM = 4
/** Processor seconds of a measurement, and of the warm-up before it. */
const SECONDS = 1.5
/** So many rounds make a recording. */
const RECORDED_ROUNDS = 4

/** Steps of a round: the counter at the end of one, less that at the end of the one before. */
function stepsOfRound(program) {
  const machine = pc().load(program)
  const ends = []
  machine.listener = {
    detail: false,
    tell: (event) => event.is === "port" && ends.push(machine.clock.steps),
  }
  machine.run({ stopRequested: () => ends.length >= 4 * CHECKSUM })
  machine.listener = undefined
  return ends[4 * CHECKSUM - 1] - ends[3 * CHECKSUM - 1]
}

/** Processor seconds of a round, after a warm-up. */
function timed(round) {
  const watch = stopwatch(SECONDS)
  do round()
  while (!watch.round())
  return watch.seconds()
}

function measureRinglab(program, steps) {
  const machine = pc().load(program)
  const seconds = timed(() => machine.run({ steps }))
  return { seconds, sent: machine.serial }
}

/** All machines' checksums must be the same as far as each got. */
function compareWork(name, ...sent) {
  const length = Math.min(...sent.map((text) => text.length))
  if (length < 2 * CHECKSUM || new Set(sent.map((text) => text.slice(0, length))).size !== 1)
    throw new Error(`The machines' checksums of “${name}” differ.`)
}

async function row(program) {
  const { name } = program
  const steps = stepsOfRound(program)
  const ours = measureRinglab(program, steps)
  const recorded =
    timed(() => record(pc().load(program), { steps: steps * RECORDED_ROUNDS })) / RECORDED_ROUNDS
  const plain = await measureV86(program, false, SECONDS)
  const jit = await measureV86(program, true, SECONDS)
  compareWork(name, ours.sent, plain.sent, jit.sent)
  const rates = [ours.seconds, recorded, plain.seconds, jit.seconds].map((s) => steps / s / 1e6)
  return [...rates, rates[0] / rates[2], rates[0] / rates[3]]
}

const HEADS = ["ringlab", "recorded", "v86, no JIT", "v86, JIT", "ratio", "ratio to JIT"]
const line = (name, cells) => name.padEnd(28) + cells.map((cell) => cell.padStart(13)).join("")

/** Instructions are counted as ringlab counts them: each iteration of a repeated one is one. */
export async function core() {
  console.log(line("millions of instructions/s", HEADS))
  for (const program of programs())
    console.log(
      line(
        program.name,
        (await row(program)).map((n) => n.toFixed(2)),
      ),
    )
}
