/** Equivalence, safety and performance of a guest, side by side. */
import type { KernelName } from "../../guests/kernel/index"
import { GENERATIONS } from "../../machine/processor/generations"
import { hex } from "../../numbers/int"
import type { Experiment, Result, Run, Values } from "../experiment"
import { measurePrinciples, type Principles } from "./principles"
import { chosen, PROCESSORS, PROGRAMS } from "./workload"

/** Builds of the guest kernel by what the reader sees. */
const KERNELS: Readonly<Record<string, KernelName>> = {
  "written for bare metal": "kernel",
  "without sensitive instructions that do not trap": "kernel-well-behaved",
}
const whole = (number: number) => number.toLocaleString("en")

function* run({ kernel, program, processor }: Values): Run {
  const measured = yield* measurePrinciples({
    kernel: chosen("kernel", KERNELS, kernel),
    commandLine: `${chosen("program", PROGRAMS, program)} 1`,
    generation: chosen("processor", PROCESSORS, processor),
  })
  return resultOf(String(kernel), measured)
}

function resultOf(kernel: string, { equivalence, safety, performance }: Principles): Result {
  const { steps, difference } = equivalence
  const tried = safety.attempts.length
  const same = difference
    ? `differs after ${whole(steps)} steps: \`${difference.instruction}\` leaves ${difference.what} ${hex(difference.virtual)}, and ${hex(difference.bare)} on bare metal`
    : `does in ${whole(steps)} steps what it does on bare metal`
  const times = (performance.virtual / performance.bare).toFixed(2)
  const printed = performance.samePrinted ? "prints the same" : "does not print the same"
  return {
    sentence: `Equivalence: the kernel ${kernel} ${same}. Safety: of ${tried} hostile guests ${safety.gotOut} got out. Performance: ${times} times the cycles of bare metal, with an exit in ${whole(performance.stepsPerExit)} instructions; the kernel ${printed}.`,
    table: {
      columns: ["hostile guest", "what it tries", "exits", "pages changed outside", "its neighbour"],
      rows: safety.attempts.map(({ name, tries, exits, changed, neighbourEnded }) => [
        name,
        tries,
        whole(exits),
        whole(changed),
        neighbourEnded ? "came to its end" : "was kept from its share",
      ]),
    },
  }
}

/** The three principles, measured. */
export const THREE_PRINCIPLES: Experiment = {
  name: "trap-and-emulate/principles",
  title: "What a monitor owes",
  about:
    "Equivalence: a guest does what it does on bare metal. Safety: it reaches nothing that is not its own. Performance: most of it runs on the processor itself. Which of the three does trap-and-emulate keep for which kernel?",
  parameters: {
    kernel: {
      kind: "choice",
      label: "Kernel",
      options: Object.keys(KERNELS),
      value: "written for bare metal",
    },
    program: {
      kind: "choice",
      label: "What the applications do",
      options: Object.keys(PROGRAMS),
      value: "page faults",
    },
    processor: {
      kind: "choice",
      label: "Processor",
      options: Object.keys(PROCESSORS),
      value: GENERATIONS["pentium-4"].title,
    },
  },
  run,
}
