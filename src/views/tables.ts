/** GDT and IDT, decoded for a reader. */
import { CS, SEGMENT_NAMES } from "../isa/registers"
import { gateKind } from "../machine/delivery/interrupts"
import type { Event } from "../machine/events/events"
import { VECTOR_NAMES } from "../machine/events/fault"
import type { Machine } from "../machine/machine"
import {
  BIG,
  type Descriptor,
  dpl,
  isCode,
  isPresent,
  NOT_SYSTEM,
  readDescriptor,
  TYPE,
  TYPE_DOWN_CONFORMING,
  TYPE_WRITE_READ,
} from "../machine/processor/descriptors"
import { peek32 } from "../machine/time/peek"
import { hex } from "../numbers/int"
import { type Moment, placeName } from "./context"
import type { TableRow } from "./view"

/** So many rows of a table are shown. */
const MOST_ROWS = 64

/** System descriptor types by number. @see SDM Vol. 3A §3.5 Table 3-2 */
const SYSTEM_NAMES: Readonly<Record<number, string>> = {
  1: "16-bit TSS",
  2: "LDT",
  3: "busy 16-bit TSS",
  4: "16-bit call gate",
  5: "task gate",
  9: "TSS",
  11: "busy TSS",
  12: "call gate",
}

/** "code", "read-only data, 16-bit", "busy TSS" … */
export function descriptorKind(access: number): string {
  if (!(access & NOT_SYSTEM)) return SYSTEM_NAMES[access & TYPE] ?? `system type ${access & TYPE}`
  const width = access & BIG ? "" : ", 16-bit"
  if (isCode(access)) return `${access & TYPE_DOWN_CONFORMING ? "conforming code" : "code"}${width}`
  const kind = access & TYPE_DOWN_CONFORMING ? "expand-down data" : "data"
  return `${access & TYPE_WRITE_READ ? kind : `read-only ${kind}`}${width}`
}

/** "code, ring 3" … */
function describeAccess(access: number): string {
  return access & NOT_SYSTEM ? `${descriptorKind(access)}, ring ${dpl(access)}` : descriptorKind(access)
}

function entry(machine: Machine, at: number): Descriptor | null {
  const low = peek32(machine, at)
  const high = peek32(machine, (at + 4) | 0)
  return low === null || high === null || (low === 0 && high === 0) ? null : readDescriptor(low, high, at)
}

/** Indices of the GDT that the step used: segment registers loaded, gates passed. */
export function gdtRows({ replay: { machine }, step }: Moment): TableRow[] {
  const { base, limit } = machine.cpu.gdtr
  const used = new Set(step ? changedSelectors(step.before.cpu.segments, step.after.cpu.segments) : [])
  const rows: TableRow[] = []
  for (let index = 1; index * 8 + 7 <= limit && rows.length < MOST_ROWS; index++) {
    const descriptor = entry(machine, (base + index * 8) | 0)
    if (descriptor) rows.push(gdtRow(index, descriptor, used.has(index * 8)))
  }
  return rows
}

type SavedSegments = readonly (readonly [selector: number, base: number, limit: number, access: number])[]

function changedSelectors(before: SavedSegments, after: SavedSegments): number[] {
  return after
    .filter(([selector], n) => n <= CS + 1 && selector !== before[n][0])
    .map(([selector]) => selector & 0xfff8)
}

function gdtRow(index: number, descriptor: Descriptor, used: boolean): TableRow {
  const { access } = descriptor
  const range = `base ${hex(descriptor.base, 1)}, limit ${hex(descriptor.limit, 1)}`
  const detail = isPresent(access) ? range : `${range}, not present`
  return {
    index: index * 8,
    name: descriptorKind(access),
    detail,
    dpl: dpl(access),
    ...(used ? { used } : {}),
  }
}

/** The IDT's gates that are there. */
export function idtRows(
  { replay: { machine }, step }: Moment,
  labels: ReadonlyMap<number, string>,
): TableRow[] {
  const { base, limit } = machine.cpu.idtr
  const used = new Set((step?.events ?? []).filter(isIdtGate).map((event) => event.index))
  const rows: TableRow[] = []
  for (let vector = 0; vector < 256 && vector * 8 + 7 <= limit && rows.length < MOST_ROWS; vector++) {
    const gate = entry(machine, (base + vector * 8) | 0)
    if (gate && isPresent(gate.access)) rows.push(idtRow(vector, gate, labels, used.has(vector)))
  }
  return rows
}

type GateEvent = Extract<Event, { is: "gate" }>
const isIdtGate = (event: Event): event is GateEvent => event.is === "gate" && event.table === "IDT"

function idtRow(
  vector: number,
  gate: Descriptor,
  labels: ReadonlyMap<number, string>,
  used: boolean,
): TableRow {
  const offset = ((gate.low & 0xffff) | (gate.high & 0xffff_0000)) >>> 0
  const detail = `${gateKind(gate.access) ?? "not a gate"} to ${hex(gate.low >>> 16, 4)}:${placeName(offset, labels)}`
  return { index: vector, name: vectorName(vector), detail, dpl: dpl(gate.access), ...(used ? { used } : {}) }
}

/** "#GP General Protection", "interrupt 20h". */
export function vectorName(vector: number): string {
  const name = VECTOR_NAMES[vector]
  return name ? `${name[0]} ${name[1]}` : `interrupt ${hex(vector, 2)}`
}

/** What a segment register holds, for the note beside its selector. */
export function segmentNote(
  [selector, base, limit, access]: SavedSegments[number],
  register: number,
): string {
  const UNUSABLE = 1 << 16
  if (access & UNUSABLE) return selector === 0 && register > 5 ? "not loaded" : "null"
  const flat = base === 0 && limit === 0xffff_ffff
  const where = flat ? "" : `, base ${hex(base, 1)}, limit ${hex(limit, 1)}`
  return `${describeAccess(access)}${where}`
}

/** Order in which segment registers are shown. */
export const SHOWN_SEGMENTS = [1, 2, 3, 0, 4, 5, 7, 6].map((number) => ({
  number,
  name: SEGMENT_NAMES[number],
}))
