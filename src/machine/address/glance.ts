/** Looking through page tables without leaving a trace: no TLB entry, no accessed bit, no charge, and no device is read. */
import type { Bus } from "../board/bus"
import type { Access, PhysicalSpace } from "../board/physical-space"
import { Fault } from "../events/fault"
import { type Tables, Walker } from "./paging"

/** A machine's physical memory for a reader: nothing is written, and what is no memory holds zeros, which are no entry. */
class Glance implements PhysicalSpace {
  frame = 0
  readonly writable = false

  constructor(private readonly bus: Bus) {}

  read(physical: number): number {
    const { memory } = this.bus
    const at = this.bus.place(physical)
    return memory.holds(at, 4) ? memory.get(at, 32) : 0
  }

  write(): void {}

  find(physical: number): void {
    this.frame = this.bus.place(physical)
  }
}

/** By the machine that they look into: to make one takes longer than its walk. */
const walkers = new WeakMap<Bus, Walker>()

function walkerOf(bus: Bus): Walker {
  const walker = walkers.get(bus) ?? new Walker(new Glance(bus), () => {})
  walkers.set(bus, walker)
  return walker
}

/** Address of the page that tables give a linear address for an access; undefined: the access would fault. */
export function glance(
  bus: Bus,
  { tables, writeProtect }: { readonly tables: Tables; readonly writeProtect: boolean },
  linear: number,
  access: Access,
  user: boolean,
): number | undefined {
  const walker = walkerOf(bus)
  walker.tables = tables
  walker.writeProtect = writeProtect
  try {
    walker.walk(linear, access, user)
    return walker.frame
  } catch (fault) {
    if (fault instanceof Fault) return undefined
    throw fault
  }
}
