/** Registers as a cell shows them: general registers, segments, control registers and flags, in hexadecimal as pictures have them. */
import { inColumns } from "../../numbers/card"
import { type Named, REGISTERS, registersIn, written } from "./registers"
import type { CpuState } from "./state"

/** What hardly anybody asks for. */
const RARE = /^(LDTR|FS|GS|CR2|CR4)$/
const HELD = registersIn("general", "segments", "control").filter(({ name }) => !RARE.test(name))
const TABLES = REGISTERS.filter(({ name }) => /^[GI]DTR\.base$/.test(name))
const COLUMNS = 4

/** A table of the registers, and a line with the flags that are set. */
export function registerRows(state: CpuState): string[][] {
  const cells = [...HELD, ...TABLES].map((register) => cell(register, state))
  return inColumns(cells, COLUMNS)
}

const NAME_WIDTH = 9

function cell({ name, digits, of }: Named, state: CpuState): string {
  return `${name.padEnd(name.length > 4 ? NAME_WIDTH + 1 : 4)} ${written(of(state), digits)}`
}

/** "Flags: ZF, IOPL 3": those that are not 0. */
export function flagsLine(state: CpuState): string {
  const set = registersIn("flags").flatMap(({ name, of }) => {
    const value = of(state)
    return value ? [name === "IOPL" ? `IOPL ${value}` : name] : []
  })
  return `Flags set: ${set.length > 0 ? set.join(", ") : "none"}`
}
