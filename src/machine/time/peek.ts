/** Looking at memory without leaving a trace: no TLB entry, no accessed bit, no charge, and no device is read. */
import { MAXIMUM_LENGTH } from "../../isa/decode"
import { unsigned } from "../../numbers/int"
import { glance } from "../address/glance"
import { dataSlot } from "../address/tlb"
import { READ } from "../board/physical-space"
import type { Machine } from "../machine"
import { CR0 } from "../processor/control"

/** Physical address of a linear one, as the TLB or the page tables have it; null where nothing is mapped. */
function peekPhysical(machine: Machine, linear: number): number | null {
  const { cpu, bus } = machine
  if (!(cpu.readControl(0) & CR0.PG)) return bus.place(linear)
  const { tlb } = cpu.linear
  const slot = dataSlot(linear >>> 12)
  const frame = tlb.tag[slot] === linear >>> 12 ? tlb.frame[slot] : peekFrame(machine, linear)
  return frame === null ? null : frame + (linear & 0xfff)
}

/** The page that the tables give an address. */
const peekFrame = ({ bus, cpu }: Machine, linear: number) =>
  glance(bus, { tables: cpu.tables, writeProtect: false }, linear, READ, false) ?? null

/** The code in TypeScript at a linear address: whose it is, and what that calls it; undefined: there is none. */
export function peekCode(machine: Machine, linear: number): { device: string; name?: string } | undefined {
  const physical = peekPhysical(machine, linear)
  const code = physical === null ? undefined : machine.bus.codeAt(physical)
  return code && { device: code.device.name, name: code.device.entries?.[code.entry] }
}

/** One byte, or null where there is none. */
export function peekByte(machine: Machine, linear: number): number | null {
  const physical = peekPhysical(machine, linear)
  return physical !== null && machine.memory.holds(physical, 1) ? machine.memory.bytes[physical] : null
}

/** The bytes that an instruction at an address may have, up to the first that is not there. */
export function peekInstruction(machine: Machine, linear: number): Uint8Array {
  const bytes = Array.from({ length: MAXIMUM_LENGTH }, (_, n) => peekByte(machine, (linear + n) | 0))
  const end = bytes.indexOf(null)
  return Uint8Array.from(end < 0 ? bytes : bytes.slice(0, end), Number)
}

/** A doubleword, unsigned, or null if any of it is not there. */
export function peek32(machine: Machine, linear: number): number | null {
  const bytes = [3, 2, 1, 0].map((n) => peekByte(machine, (linear + n) | 0))
  return bytes.includes(null)
    ? null
    : unsigned(
        bytes.reduce<number>((all, byte) => (all << 8) | (byte as number), 0),
        32,
      )
}
