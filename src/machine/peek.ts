/** Looking at memory without leaving a trace: no TLB entry, no accessed bit, no device is read. */
import { unsigned } from "../numbers/int"
import { CR0, CR4 } from "./control"
import type { Machine } from "./machine"
import { PAGE_SIZE_BIT, PRESENT } from "./paging"
import { dataSlot } from "./tlb"

/** Physical address of a linear one, as the TLB or the page tables have it; null where nothing is mapped. */
export function peekPhysical(machine: Machine, linear: number): number | null {
  const { cpu, bus } = machine
  if (!(cpu.readControl(0) & CR0.PG)) return bus.place(linear)
  const { tlb } = cpu.linear
  const slot = dataSlot(linear >>> 12)
  if (tlb.tag[slot] === linear >>> 12) return tlb.frame[slot] + (linear & 0xfff)
  const pde = peekWord(machine, (cpu.readControl(3) & 0xffff_f000) + ((linear >>> 22) << 2))
  if (pde === null || !(pde & PRESENT)) return null
  if (pde & PAGE_SIZE_BIT && cpu.readControl(4) & CR4.PSE)
    return ((pde & 0xffc0_0000) | (linear & 0x003f_ffff)) >>> 0
  const pte = peekWord(machine, (pde & 0xffff_f000) + (((linear >>> 12) & 0x3ff) << 2))
  return pte === null || !(pte & PRESENT) ? null : ((pte & 0xffff_f000) | (linear & 0xfff)) >>> 0
}

function peekWord({ memory }: Machine, physical: number): number | null {
  return memory.holds(physical, 4) ? memory.get(physical, 32) : null
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
