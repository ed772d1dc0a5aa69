/** Runs an image of the QEMU comparison on our machine. */
import { assemble } from "../../../src/isa/assemble"
import type { Program } from "../../../src/isa/program"
import { pc } from "../../../src/pc"
import { GROUPS } from "./groups"
import { imageSource } from "./image"

const STEP_LIMIT = 50_000_000

/** The image of a group, ready to be loaded. */
export const imageOf = (group: string): Program => assemble(imageSource(GROUPS[group]()))

/** What the image sends through the serial port. @throws Error if it does not come to its end */
export function report(program: Program): string {
  const machine = pc({ memory: 4 }).load(program)
  machine.cpu.eip = program.symbols.start as number
  const { why } = machine.run({ steps: STEP_LIMIT, stopRequested: () => false })
  if (!machine.serial.endsWith("\nend\n"))
    throw new Error(`the image ended with "${why}" after: ${machine.serial.split("\n").at(-1)}`)
  return machine.serial
}
