/** Selectors, and the descriptors that they name in a machine: looked at without a trace, by the machine's own rules. */
import { DS, LDTR } from "../../isa/registers"
import { Fault } from "../../machine/events/fault"
import type { Machine } from "../../machine/machine"
import type { Core } from "../../machine/processor/core"
import {
  type Descriptor,
  KnownDescriptors,
  readDescriptor,
  UNUSABLE,
} from "../../machine/processor/descriptors"
import { loadSegment } from "../../machine/protection/segmentation"
import { peek32 } from "../../machine/time/peek"

/**
 * A selector, taken apart.
 *
 *      15   3  2 1  0
 *     ┌──────┬──┬────┐
 *     │ index│TI│ RPL│
 *     └──────┴──┴────┘
 */
export const selectorParts = (selector: number) => ({
  index: selector >>> 3,
  table: selector & 4 ? ("LDT" as const) : ("GDT" as const),
  rpl: selector & 3,
})

/** What a selector leads to: a descriptor, or the reason why there is none. */
export type Found = { readonly descriptor: Descriptor } | { readonly why: string }

/** Look a selector up in a machine's tables. */
export function findDescriptor(machine: Machine, selector: number): Found {
  const { index, table } = selectorParts(selector)
  if ((selector & 0xfffc) === 0) return { why: "It is a null selector: it names no segment." }
  const { segments, gdtr } = machine.cpu
  if (table === "LDT" && segments.access[LDTR] & UNUSABLE) return { why: "There is no LDT: LDTR is null." }
  const { base, limit } = table === "LDT" ? { base: segments.base[LDTR], limit: segments.limit[LDTR] } : gdtr
  const count = Math.floor((limit + 1) / 8)
  if (index >= count)
    return { why: `Entry ${index} is beyond the ${table}, which has ${count}: a processor answers with #GP.` }
  return descriptorAt(machine, (base + index * 8) | 0, `the ${table}'s entry ${index}`)
}

/** The eight bytes at a linear address as a descriptor, be it a segment's or a gate. */
export function descriptorAt(machine: Machine, at: number, what: string): Found {
  const [low, high] = [peek32(machine, at), peek32(machine, (at + 4) | 0)]
  if (low === null || high === null) return { why: `There is no memory at ${what}.` }
  if (low === 0 && high === 0) return { why: `${capital(what)} is empty: all its bytes are 0.` }
  return { descriptor: readDescriptor(low, high, at) }
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Why a data segment register cannot be loaded with a selector in some ring; undefined: it can. */
export function loadRefusal(machine: Machine, selector: number, ring: number): Fault | undefined {
  try {
    loadSegment(spectator(machine, ring), DS, selector)
    return undefined
  } catch (fault) {
    if (fault instanceof Fault) return fault
    throw fault
  }
}

/** The machine's processor as the checks of segmentation see it, in a ring of our choice, from where nothing can be changed. */
function spectator(machine: Machine, cpl: number): Core {
  const { base, limit, access } = machine.cpu.segments
  const parts = {
    cpl,
    segments: { base, limit, access, set() {} },
    linear: { readAs: (_: boolean, at: number) => peek32(machine, at) ?? 0, writeAs() {} },
    descriptors: new KnownDescriptors(),
    tellDetail() {},
  }
  const own = Object.entries(parts).map(([name, value]) => [name, { value }])
  return Object.create(machine.cpu, Object.fromEntries(own))
}
