/**
 * The checks of segmentation: of an access, and of loading a segment register.
 * @see SDM Vol. 3A §5.5 "Privilege Levels"
 */
import { DS, ES, FS, GS, LDTR, SEGMENT_NAMES, SS, TR } from "../../isa/registers"
import { hex } from "../../numbers/int"
import { Fault } from "../events/fault"
import type { Core } from "../processor/core"
import {
  type Descriptor,
  dpl,
  isCode,
  isConforming,
  isPresent,
  isReadable,
  isWritableData,
  NOT_SYSTEM,
  TYPE,
  TYPE_ACCESSED,
  TYPE_LDT,
  TYPE_TSS_AVAILABLE,
  UNUSABLE,
} from "../processor/descriptors"

/**
 * A selector's error code: index and TI, without RPL. Where IDT is 1 the index is a vector.
 *
 * A selector:
 *
 *      15   3  2 1  0
 *     ┌──────┬──┬────┐
 *     │ index│TI│ RPL│
 *     └──────┴──┴────┘
 *
 * An error code:
 *
 *      31 16 15   3  2   1   0
 *     ┌─────┬──────┬──┬───┬───┐
 *     │ 0   │ index│TI│IDT│EXT│
 *     └─────┴──────┴──┴───┴───┘
 *
 * TI 1 is the LDT's, 0 the GDT's. EXT: an event was being delivered that no instruction asked for.
 * @see SDM Vol. 3A §3.4.2 "Segment Selectors", §6.13 "Error Code"
 */
export const selectorError = (selector: number) => selector & 0xfffc
const selectorName = (selector: number) => hex(selector, 4)

const LIMIT_SEE = 'SDM Vol. 3A §5.3 "Limit Checking"'
const TYPE_SEE = 'SDM Vol. 3A §5.4 "Type Checking"'
const PRIVILEGE_SEE = 'SDM Vol. 3A §5.6 "Privilege Level Checking When Accessing Data Segments"'

/**
 * Fetch a selector's descriptor from GDT or LDT; null if the index is beyond the table.
 * @faults #PF if the table's page is not there
 */
function findDescriptor(cpu: Core, selector: number): Descriptor | null {
  const local = (selector & 4) !== 0
  if (local && cpu.segments.access[LDTR] & UNUSABLE) return null
  const base = local ? cpu.segments.base[LDTR] : cpu.gdtr.base
  const limit = local ? cpu.segments.limit[LDTR] : cpu.gdtr.limit
  if ((selector | 7) > limit) return null
  const at = (base + (selector & 0xfff8)) | 0
  return readKnown(cpu, at)
}

/** The descriptor at a linear address, be it a segment's or a gate. @faults #PF */
export function readKnown(cpu: Core, at: number): Descriptor {
  const low = cpu.linear.readAs(false, at, 32)
  return cpu.descriptors.take(low, cpu.linear.readAs(false, (at + 4) | 0, 32), at)
}

/** As `findDescriptor`, but beyond the table faults with the selector. */
export function needDescriptor(
  cpu: Core,
  selector: number,
  fault: "#GP" | "#TS" | "#NP" = "#GP",
  external = 0,
): Descriptor {
  const found = findDescriptor(cpu, selector)
  if (found === null) throw beyondTable(selector, fault, external)
  return found
}

function beyondTable(selector: number, fault: "#GP" | "#TS" | "#NP", external: number): Fault {
  const says = `selector ${selectorName(selector)} is beyond the limit of the ${selector & 4 ? "LDT" : "GDT"}`
  return new Fault(fault, selectorError(selector) | external, says, LIMIT_SEE)
}

/** Set a descriptor's accessed bit in memory, as loading a segment does. */
export function touch(cpu: Core, descriptor: Descriptor): number {
  if (!(descriptor.access & TYPE_ACCESSED)) markAccessed(cpu, descriptor)
  return descriptor.access | TYPE_ACCESSED
}

function markAccessed(cpu: Core, { at, high }: Descriptor): void {
  cpu.linear.writeAs(false, (at + 4) | 0, 32, high | (1 << 8))
  cpu.tellDetail({
    is: "check",
    says: `the descriptor at ${hex(at)} is marked accessed: bit 8 of its upper half`,
  })
}

/** Write a descriptor into a segment register's cache. */
export function loadCache(cpu: Core, register: number, selector: number, descriptor: Descriptor): void {
  cpu.segments.set(register, selector, descriptor, touch(cpu, descriptor))
}

/**
 * MOV, POP, LDS …: load DS, ES, FS, GS or SS.
 * @faults #GP, #NP, #SS with the selector; #GP(0) for a null SS
 * @see SDM Vol. 2B "MOV—Move", Operation
 */
export function loadSegment(cpu: Core, register: number, selector: number): void {
  if (register === SS) loadStackSegment(cpu, selector)
  else loadDataSegment(cpu, register, selector)
}

function loadStackSegment(cpu: Core, selector: number): void {
  if ((selector & 0xfffc) === 0) throw new Fault("#GP", 0, "SS cannot hold a null selector", TYPE_SEE)
  const descriptor = needDescriptor(cpu, selector)
  checkStack(selector, descriptor, cpu.cpl, "#GP", 0)
  loadCache(cpu, SS, selector, descriptor)
}

/**
 * Checks of a stack segment for a ring: RPL = DPL = ring, writable data, present.
 * @faults `kind` with the selector; #SS if not present
 */
export function checkStack(
  selector: number,
  descriptor: Descriptor,
  ring: number,
  kind: "#GP" | "#TS",
  external: number,
): void {
  const { access } = descriptor
  if ((selector & 3) === ring && dpl(access) === ring && isWritableData(access) && isPresent(access)) return
  throw unfitStack(selector, access, ring, kind, selectorError(selector) | external)
}

function unfitStack(
  selector: number,
  access: number,
  ring: number,
  kind: "#GP" | "#TS",
  code: number,
): Fault {
  const name = `SS = ${selectorName(selector)}`
  const wrongRing = (field: string, value: number) =>
    new Fault(kind, code, `${name}: ${field} is ${value}, but the stack is for ring ${ring}`, PRIVILEGE_SEE)
  if ((selector & 3) !== ring) return wrongRing("RPL", selector & 3)
  if (dpl(access) !== ring) return wrongRing("DPL", dpl(access))
  if (!isWritableData(access))
    return new Fault(kind, code, `${name} is not a writable data segment`, TYPE_SEE)
  return new Fault("#SS", code, `${name}: the segment is not present (P = 0)`, TYPE_SEE)
}

function loadDataSegment(cpu: Core, register: number, selector: number): void {
  if ((selector & 0xfffc) === 0) {
    cpu.segments.set(register, selector, { base: 0, limit: 0, access: UNUSABLE })
    return
  }
  const descriptor = needDescriptor(cpu, selector)
  const { access } = descriptor
  const isData = (access & NOT_SYSTEM) !== 0 && isReadable(access)
  const open = (isCode(access) && isConforming(access)) || Math.max(cpu.cpl, selector & 3) <= dpl(access)
  if (!isData || !open || !isPresent(access)) throw unfitData(cpu, register, selector, access, isData, open)
  loadCache(cpu, register, selector, descriptor)
}

function unfitData(
  { cpl }: Core,
  register: number,
  selector: number,
  access: number,
  isData: boolean,
  open: boolean,
): Fault {
  const name = `${SEGMENT_NAMES[register]} = ${selectorName(selector)}`
  const code = selectorError(selector)
  if (!isData) return new Fault("#GP", code, `${name} is neither data nor readable code`, TYPE_SEE)
  if (open) return new Fault("#NP", code, `${name}: the segment is not present (P = 0)`, TYPE_SEE)
  const says = `${name}: CPL is ${cpl} and RPL is ${selector & 3}, both must be ≤ DPL, which is ${dpl(access)}`
  return new Fault("#GP", code, says, PRIVILEGE_SEE)
}

/** On a return to an outer ring, segments that it may not use are made null. */
export function dropPrivilegedSegments(cpu: Core): void {
  dropIfPrivileged(cpu, ES)
  dropIfPrivileged(cpu, FS)
  dropIfPrivileged(cpu, GS)
  dropIfPrivileged(cpu, DS)
}

function dropIfPrivileged(cpu: Core, register: number): void {
  const access = cpu.segments.access[register]
  if (access & UNUSABLE || dpl(access) >= cpu.cpl || (isCode(access) && isConforming(access))) return
  if (cpu.detailed)
    cpu.tellDetail({
      is: "check",
      says: `${SEGMENT_NAMES[register]} becomes null: ring ${cpu.cpl} must not keep a segment of ring ${dpl(access)}`,
    })
  cpu.segments.set(register, 0, { base: 0, limit: 0, access: UNUSABLE })
}

/** LLDT. @faults #GP(selector) unless it is an LDT descriptor in the GDT, #NP if not present */
export function loadLdtr(cpu: Core, selector: number): void {
  if ((selector & 0xfffc) === 0) {
    cpu.segments.set(LDTR, selector, { base: 0, limit: 0, access: UNUSABLE })
    return
  }
  const descriptor = needSystem(cpu, selector, [TYPE_LDT], "LLDT needs an LDT descriptor in the GDT")
  cpu.segments.set(LDTR, selector, descriptor)
}

/** LTR: loads an available 32-bit TSS and marks it busy. @faults as LLDT; #GP(0) for a null selector */
export function loadTr(cpu: Core, selector: number): void {
  if ((selector & 0xfffc) === 0) throw new Fault("#GP", 0, "TR cannot hold a null selector", TYPE_SEE)
  const descriptor = needSystem(
    cpu,
    selector,
    [TYPE_TSS_AVAILABLE, 1],
    "LTR needs an available TSS in the GDT",
  )
  cpu.linear.writeAs(false, (descriptor.at + 4) | 0, 32, descriptor.high | (1 << 9))
  cpu.segments.set(TR, selector, { ...descriptor, access: descriptor.access | 2 })
}

function needSystem(cpu: Core, selector: number, types: readonly number[], says: string): Descriptor {
  const code = selectorError(selector)
  if (selector & 4)
    throw new Fault("#GP", code, `${says}, but selector ${selectorName(selector)} is in the LDT`, TYPE_SEE)
  const descriptor = needDescriptor(cpu, selector)
  if (descriptor.access & NOT_SYSTEM || !types.includes(descriptor.access & TYPE))
    throw new Fault("#GP", code, says, TYPE_SEE)
  if (!isPresent(descriptor.access))
    throw new Fault("#NP", code, `selector ${selectorName(selector)}: not present (P = 0)`, TYPE_SEE)
  return descriptor
}

/** Types whose access rights LAR shows, and whose limit LSL shows. */
const LAR_TYPES = [1, 2, 3, 4, 5, 9, 0xb, 0xc]
const LSL_TYPES = [1, 2, 3, 9, 0xb]

/** LAR and LSL: null where the descriptor may not be seen or has no such thing. */
export function describe(cpu: Core, selector: number, what: "rights" | "limit"): number | null {
  const descriptor = visible(cpu, selector)
  if (!descriptor) return null
  const { access } = descriptor
  const types = what === "rights" ? LAR_TYPES : LSL_TYPES
  if (!(access & NOT_SYSTEM) && !types.includes(access & TYPE)) return null
  return what === "rights" ? descriptor.high & 0x00f0_ff00 : descriptor.limit | 0
}

/** A descriptor that CPL and RPL allow to look at. */
function visible(cpu: Core, selector: number): Descriptor | null {
  if ((selector & 0xfffc) === 0) return null
  const descriptor = findDescriptor(cpu, selector)
  if (!descriptor) return null
  const open = isCode(descriptor.access) && isConforming(descriptor.access)
  return open || Math.max(cpu.cpl, selector & 3) <= dpl(descriptor.access) ? descriptor : null
}

/** VERR and VERW. */
export function verify(cpu: Core, selector: number, what: "read" | "write"): boolean {
  const descriptor = visible(cpu, selector)
  if (!descriptor || !(descriptor.access & NOT_SYSTEM)) return false
  return what === "read" ? isReadable(descriptor.access) : isWritableData(descriptor.access)
}
