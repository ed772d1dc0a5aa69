/** Looking at memory without leaving a trace: no TLB entry, no accessed bit, no device is read. */
import { unsigned } from "../../numbers/int"
import { directoryEntry, isLarge, largeFrame, PRESENT, tableEntry } from "../address/paging"
import { dataSlot } from "../address/tlb"
import type { Machine } from "../machine"
import { CR0 } from "../processor/control"

/** Physical address of a linear one, as the TLB or the page tables have it; null where nothing is mapped. */
export function peekPhysical(machine: Machine, linear: number): number | null {
  const { cpu, bus } = machine
  if (!(cpu.readControl(0) & CR0.PG)) return bus.place(linear)
  const { tlb } = cpu.linear
  const slot = dataSlot(linear >>> 12)
  if (tlb.tag[slot] === linear >>> 12) return tlb.frame[slot] + (linear & 0xfff)
  const frame = peekFrame(machine, linear)
  return frame === null ? null : bus.place(frame | (linear & 0xfff))
}

/** The page that the tables give an address. */
function peekFrame(machine: Machine, linear: number): number | null {
  const { tables } = machine.cpu
  const pde = peekEntry(machine, directoryEntry(linear, tables))
  if (pde === null) return null
  if (isLarge(pde, tables.format)) return largeFrame(linear, pde, tables.format)
  const pte = peekEntry(machine, tableEntry(linear, pde, tables.format))
  return pte === null ? null : pte & 0xffff_f000
}

/** A present entry; null if it is not, or lies nowhere. */
function peekEntry({ memory, bus }: Machine, physical: number | null): number | null {
  if (physical === null || !memory.holds(bus.place(physical), 4)) return null
  const entry = memory.get(bus.place(physical), 32)
  return entry & PRESENT ? entry : null
}

/** One byte, or null where there is none. */
export function peekByte(machine: Machine, linear: number): number | null {
  const physical = peekPhysical(machine, linear)
  return physical !== null && machine.memory.holds(physical, 1) ? machine.memory.bytes[physical] : null
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
