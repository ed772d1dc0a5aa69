/** One measurement of `core.mjs`, in a process of its own: `node measure.mjs MACHINE PROGRAM` prints it as JSON. */
import { createRequire } from "node:module"
import { programs } from "./programs.mjs"
import { pairs } from "./segments.mjs"
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
  return ends[4 * CHECKSUM - 1] - ends[3 * CHECKSUM - 1]
}

/** Processor seconds of a round, after a warm-up. */
function timed(round) {
  const watch = stopwatch(SECONDS)
  do round()
  while (!watch.round())
  return watch.seconds()
}

/** The ways to run a program: each gives the processor seconds of a round, and what was sent. */
const MACHINES = {
  ringlab(program, steps) {
    const machine = pc().load(program)
    return { seconds: timed(() => machine.run({ steps })), sent: machine.serial }
  },
  recorded(program, steps) {
    let machine
    const round = () => record((machine = pc().load(program)), { steps: steps * RECORDED_ROUNDS })
    return { seconds: timed(round) / RECORDED_ROUNDS, sent: machine.serial }
  },
  v86: (program) => measureV86(program, false, SECONDS),
  "v86-jit": (program) => measureV86(program, true, SECONDS),
}

const [, , machine, name] = process.argv
const all = [...programs(), ...pairs().flatMap(({ bounded, flat }) => [bounded, flat])]
const program = all.find((each) => each.name === name)
const steps = stepsOfRound(program)
console.log(JSON.stringify({ steps, ...(await MACHINES[machine](program, steps)) }))
process.exit(0)
