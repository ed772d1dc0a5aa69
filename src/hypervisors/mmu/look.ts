/**
 * How a monitor looks into a guest's linear memory: through the guest's own tables as they are now. No entry is marked accessed, nothing
 * faults, and no device is read: a guest cannot tell, and cannot have the monitor stumble over tables that lead nowhere.
 *
 * A guest that maps its own descriptor tables anew, and uses them before it has said INVLPG, is served from the new place, where a processor
 * may still use the old one. The manual leaves that open: whoever changes an entry must invalidate it.
 */
import { glance } from "../../machine/address/glance"
import { ACCESSED, directoryEntry, isLarge, tableEntry } from "../../machine/address/paging"
import { PAGE_MASK } from "../../machine/board/memory"
import { READ } from "../../machine/board/physical-space"
import type { Machine } from "../../machine/machine"
import { CR0 } from "../../machine/processor/control"

/** The guest's physical address behind a linear one, if it is memory; undefined: it is not. */
export function lookUp({ cpu, bus }: Machine, linear: number): number | undefined {
  const at = linear | 0
  const frame =
    cpu.readControl(0) & CR0.PG
      ? glance(bus, { tables: cpu.tables, writeProtect: false }, at, READ, false)
      : bus.place(at & ~PAGE_MASK)
  if (frame === undefined || !bus.memory.holds(frame, 1) || bus.at(frame)) return undefined
  return (frame >>> 0) + (at & PAGE_MASK)
}

/** The byte at a linear address; undefined: there is none. */
export function look8(machine: Machine, linear: number): number | undefined {
  const at = lookUp(machine, linear)
  return at === undefined ? undefined : machine.memory.get(at, 8) & 0xff
}

/** The doubleword at a linear address; undefined: not all of it is there. */
export function look32(machine: Machine, linear: number): number | undefined {
  const at = lookUp(machine, linear)
  if (at !== undefined && (at & PAGE_MASK) <= PAGE_MASK - 3) return machine.memory.get(at, 32)
  const bytes = [3, 2, 1, 0].map((n) => look8(machine, (linear + n) | 0))
  return bytes.includes(undefined)
    ? undefined
    : bytes.reduce<number>((all, byte) => (all << 8) | Number(byte), 0)
}

/** Whether a linear address leads to a page of the guest's, and each entry on the way has its accessed bit: a walk would change nothing. */
export function isMarked(machine: Machine, linear: number, frame: number): boolean {
  const { cpu, bus } = machine
  const at = lookUp(machine, linear)
  if (at === undefined || at - (at & PAGE_MASK) !== frame) return false
  if (!(cpu.readControl(0) & CR0.PG)) return true
  const { format } = cpu.tables
  const pde = bus.read(directoryEntry(linear, cpu.tables) as number, 32)
  const pte = isLarge(pde, format) ? pde : bus.read(tableEntry(linear, pde, format), 32)
  return (pde & pte & ACCESSED) !== 0
}
