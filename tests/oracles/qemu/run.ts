/** Runs an image of the QEMU comparison on our machine. */
import { assemble } from "../../../src/isa/assemble"
import type { Program } from "../../../src/isa/program"
import { pc } from "../../../src/pc"
import type { Case } from "./case"
import { GROUPS } from "./groups"
import { imageSource } from "./image"

const STEP_LIMIT = 50_000_000

/** The image of a group, or of some cases, ready to be loaded. */
export const imageOf = (group: string): Program => imageOfCases(GROUPS[group]())
export const imageOfCases = (cases: readonly Case[]): Program => assemble(imageSource(cases))

const END = "\nend\n"

/** What the image sends through the serial port. @throws Error if it does not come to its end */
export function report(program: Program): string {
  const { sent, why } = boot(program)
  if (!sent.endsWith(END)) throw new Error(`the image ended with "${why}" after: ${sent.split("\n").at(-1)}`)
  return sent
}

function boot(program: Program): { sent: string; why: string } {
  const machine = pc({ memory: 4 }).load(program)
  machine.cpu.eip = program.symbols.start as number
  // What runs a second time runs as generated code, so that this is compared, too.
  for (const generator of [machine.engine.units, machine.cpu.checkedGates]) generator.threshold = 2
  const { why } = machine.run({ steps: STEP_LIMIT, stopRequested: () => false })
  return { sent: machine.serial, why }
}

/** The line of a case that is an image of its own, from what the image sent: it may end in the middle of the line. */
export const lineOfAlone = (sent: string): string =>
  sent.endsWith(END) ? sent.split("\n")[0] : `${sent.trimEnd()} shutdown`

/** What becomes of a case in an image of its own. @throws Error if it neither ends nor shuts the processor down */
export function reportAlone(each: Case): string {
  const { sent, why } = boot(imageOfCases([each]))
  if (why !== "shutdown" && !sent.endsWith(END)) throw new Error(`the image ended with "${why}"`)
  return lineOfAlone(sent)
}
