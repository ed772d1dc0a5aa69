/** Guest code at an address, for translators. */
import { assemble } from "../../../src/isa/assemble"

export const START = 0x10_0000

/** Reads the bytes of a source, and none around it. */
export function assembled(source: string): (address: number) => number | undefined {
  const { bytes } = assemble(`org ${START}\n${source}`, { bits: 32 })
  return (address) => bytes[address - START]
}
