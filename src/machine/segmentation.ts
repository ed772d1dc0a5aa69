/**
 * Segments: descriptors, the caches behind the segment registers, and the checks of loading one.
 * @see SDM Vol. 3A §3.4.5 "Segment Descriptors", §5.5 "Privilege Levels"
 */

import { CS, DS, ES, FS, GS, LDTR, SEGMENT_NAMES, SS, TR } from "../isa/registers"
import { hex } from "../numbers/int"
import type { Cpu } from "./cpu"
import { Fault } from "./fault"

/** Access rights as the VMCS keeps them. @see SDM Vol. 3C §24.4.1 "Guest Register State", Table 24-2 */
export const TYPE = 0xf
export const TYPE_ACCESSED = 1
/** Data: writable. Code: readable. */
export const TYPE_WRITE_READ = 2
/** Data: expand-down. Code: conforming. */
export const TYPE_DOWN_CONFORMING = 4
export const TYPE_CODE = 8
/** S: code or data, not a system descriptor. */
export const NOT_SYSTEM = 1 << 4
export const PRESENT_BIT = 1 << 7
/** D/B: 32-bit code or stack. */
export const BIG = 1 << 14
/** G: the limit counts pages. */
export const GRANULAR = 1 << 15
export const UNUSABLE = 1 << 16

/** Types of system descriptors. @see SDM Vol. 3A §3.5 Table 3-2 "System-Segment and Gate-Descriptor Types" */
export const TYPE_LDT = 0x2
export const TYPE_TSS_AVAILABLE = 0x9
export const TYPE_TSS_BUSY = 0xb

/** What a segment register keeps of a descriptor. */
export interface Cache {
  readonly base: number
  /** Of the last byte, unsigned, granularity applied. */
  readonly limit: number
  readonly access: number
}

/** A descriptor taken apart. */
export interface Descriptor extends Cache {
  /** Linear address of the descriptor itself. */
  readonly at: number
  /** Its two doublewords. */
  readonly low: number
  readonly high: number
}

export const dpl = (access: number) => (access >> 5) & 3
export const isCode = (access: number) => (access & (NOT_SYSTEM | TYPE_CODE)) === (NOT_SYSTEM | TYPE_CODE)
export const isConforming = (access: number) => (access & TYPE_DOWN_CONFORMING) !== 0
export const isWritableData = (access: number) =>
  (access & (NOT_SYSTEM | TYPE_CODE | TYPE_WRITE_READ)) === (NOT_SYSTEM | TYPE_WRITE_READ)
/**
 * The ring that a saved or present CS runs in: its DPL; conforming code runs in the ring that came to it, which the
 * selector's low bits keep. In real-address mode the cache says ring 0, in virtual-8086 mode ring 3, whatever the selector.
 */
export const ringOfCode = (selector: number, access: number) =>
  isCode(access) && isConforming(access) ? selector & 3 : dpl(access)
export const isReadable = (access: number) => !isCode(access) || (access & TYPE_WRITE_READ) !== 0
export const isPresent = (access: number) => (access & PRESENT_BIT) !== 0

/** Take a descriptor's two doublewords apart. */
export function readDescriptor(low: number, high: number, at = 0): Descriptor {
  const limit = (low & 0xffff) | (high & 0xf_0000)
  const pages = (high & (1 << 23)) !== 0
  return {
    base: (low >>> 16) | ((high & 0xff) << 16) | (high & 0xff00_0000),
    limit: pages ? ((limit << 12) | 0xfff) >>> 0 : limit,
    access: (high >>> 8) & 0xf0ff,
    at,
    low,
    high,
  }
}

const KNOWN = 64

/** Descriptors as they were read last: one that is still the same in memory need not be taken apart again. */
export class KnownDescriptors {
  /** At first one that no address has. Its limit is as large as any, so that all descriptors have one shape. */
  private readonly known: Descriptor[] = new Array(KNOWN).fill(readDescriptor(0xffff, 0x8f_0000, -1))

  /** The descriptor whose two doublewords stand at a linear address. */
  take(low: number, high: number, at: number): Descriptor {
    const slot = (at >>> 3) % KNOWN
    const known = this.known[slot]
    if (known.low === low && known.high === high && known.at === at) return known
    const read = readDescriptor(low, high, at)
    this.known[slot] = read
    return read
  }
}

/** Bits of `Segments.flat`. */
export const READ_FLAT = 1
export const WRITE_FLAT = 2

const REGISTERS = 8
/** Where a register's bits of `flat` stand in `Segments.summary`. */
export const inSummary = (register: number, bits: number): number => bits << (2 * register)
/** In `Segments.summary`: SS has its B bit set, so all of ESP counts; CS has its D bit set; CPL is 3. */
export const WIDE_STACK = 1 << 16
export const WIDE_CODE = 1 << 17
export const USER_CODE = 1 << 18

/** Where one of a register's five fields stands in `Segments.fields`: selector, base, limit, rights, flatness. */
export const fieldOf = (register: number, field: number): number => field * REGISTERS + register

/** The fields of a register that is loaded, the bits of the summary that stay then, and those that are set. */
export function imageOf(register: number, selector: number, cache: Cache, access: number) {
  const wide = WIDE[register]
  const flat = flatness(cache)
  return {
    fields: [selector & 0xffff, cache.base, cache.limit | 0, access, flat],
    stays: ~(inSummary(register, 3) | wide),
    sets: inSummary(register, flat) | (access & BIG ? wide : 0),
  }
}

/** By register, the bit of the summary that its B or D bit sets. */
const WIDE: readonly number[] = [0, WIDE_CODE, WIDE_STACK, 0, 0, 0, 0, 0]

/** The segment registers with their caches, LDTR and TR among them, indexed by register number. */
export class Segments {
  /** All of them in one array: see `fieldOf`. */
  readonly fields: Int32Array = new Int32Array(5 * REGISTERS)
  readonly selector: Int32Array = this.fields.subarray(0, REGISTERS)
  readonly base: Int32Array = this.fields.subarray(REGISTERS, 2 * REGISTERS)
  /** Unsigned. */
  readonly limit: Uint32Array = new Uint32Array(this.fields.buffer, 2 * REGISTERS * 4, REGISTERS)
  readonly access: Int32Array = this.fields.subarray(3 * REGISTERS, 4 * REGISTERS).fill(UNUSABLE)
  /** Base 0 and limit 4 GiB: no check is needed. Bit 0 for reads, bit 1 for writes. */
  readonly flat: Int32Array = this.fields.subarray(4 * REGISTERS)
  /** `flat` of all registers in one number, two bits each, with WIDE_STACK, WIDE_CODE and USER_CODE. */
  summary = 0
  /** The ring that CS runs in. */
  cpl = 0
  /** Changes whenever CS is loaded: code must then be looked up anew. */
  codeVersion = 0

  set(register: number, selector: number, cache: Cache, access = cache.access): void {
    const flat = flatness(cache)
    this.selector[register] = selector & 0xffff
    this.base[register] = cache.base
    this.limit[register] = cache.limit
    this.access[register] = access
    this.flat[register] = flat
    const wide = WIDE[register]
    const others = this.summary & ~inSummary(register, 3) & ~wide
    this.summary = others | inSummary(register, flat) | (access & BIG ? wide : 0)
    if (register === CS) this.enterRing(ringOfCode(selector, access))
  }

  /** CS was loaded. */
  enterRing(cpl: number): void {
    this.cpl = cpl
    this.codeVersion++
    this.summary = (this.summary & ~USER_CODE) | (cpl === 3 ? USER_CODE : 0)
  }

  /** Take over all registers of others. */
  become(others: Segments): void {
    this.fields.set(others.fields)
    this.summary = others.summary
    this.enterRing(others.cpl)
  }

  cache(register: number): Cache {
    return { base: this.base[register], limit: this.limit[register], access: this.access[register] }
  }

  save(): readonly (readonly [selector: number, base: number, limit: number, access: number])[] {
    return Array.from(this.selector, (selector, n) => [selector, this.base[n], this.limit[n], this.access[n]])
  }

  restore(saved: ReturnType<Segments["save"]>): void {
    saved.forEach(([selector, base, limit, access], n) => {
      this.set(n, selector, { base, limit, access })
    })
  }
}

/** Base 0, limit 4 GiB: bits of `Segments.flat`. */
export function flatness({ base, limit, access }: Cache): number {
  const down = !isCode(access) && (access & TYPE_DOWN_CONFORMING) !== 0
  if (base !== 0 || limit !== 0xffff_ffff || access & UNUSABLE || !isPresent(access) || down) return 0
  return (isReadable(access) ? READ_FLAT : 0) | (isWritableData(access) ? WRITE_FLAT : 0)
}

/** A selector's error code: index and TI, without RPL. */
export const selectorError = (selector: number) => selector & 0xfffc
const selectorName = (selector: number) => hex(selector, 4)

const LIMIT_SEE = 'SDM Vol. 3A §5.3 "Limit Checking"'
const TYPE_SEE = 'SDM Vol. 3A §5.4 "Type Checking"'
const PRIVILEGE_SEE = 'SDM Vol. 3A §5.6 "Privilege Level Checking When Accessing Data Segments"'

/**
 * Whether an access of `bytes` bytes lies within a segment.
 * Expand-down segments hold the offsets above their limit.
 */
export function withinLimit(offset: number, bytes: number, cache: Pick<Cache, "limit" | "access">): boolean {
  const first = offset >>> 0
  const last = first + bytes - 1
  const down =
    (cache.access & (NOT_SYSTEM | TYPE_CODE | TYPE_DOWN_CONFORMING)) === (NOT_SYSTEM | TYPE_DOWN_CONFORMING)
  if (!down) return last <= cache.limit
  return first > cache.limit && last <= (cache.access & BIG ? 0xffff_ffff : 0xffff)
}

/**
 * Linear address of an access that is not known to be fine.
 * @faults #GP(0), for the stack segment #SS(0)
 */
export function checkedLinear(
  segments: Segments,
  segment: number,
  offset: number,
  bytes: number,
  write: boolean,
): number {
  const cache = segments.cache(segment)
  const why = accessProblem(cache, offset, bytes, write)
  if (why) {
    const name = SEGMENT_NAMES[segment]
    throw new Fault(
      segment === SS ? "#SS" : "#GP",
      0,
      `${name}:${hex(offset)}: ${why}`,
      why.includes("limit") ? LIMIT_SEE : TYPE_SEE,
    )
  }
  return (cache.base + offset) | 0
}

function accessProblem(
  cache: { limit: number; access: number },
  offset: number,
  bytes: number,
  write: boolean,
): string | undefined {
  if (cache.access & UNUSABLE) return "the segment register holds a null selector"
  if (write && !isWritableData(cache.access)) return "the segment is not writable"
  if (!write && !isReadable(cache.access)) return "the code segment is execute-only"
  if (!withinLimit(offset, bytes, cache))
    return `the access of ${bytes} bytes is outside the segment's limit ${hex(cache.limit)}`
  return undefined
}

/**
 * Fetch a selector's descriptor from GDT or LDT; null if the index is beyond the table.
 * @faults #PF if the table's page is not there
 */
export function findDescriptor(cpu: Cpu, selector: number): Descriptor | null {
  const local = (selector & 4) !== 0
  if (local && cpu.segments.access[LDTR] & UNUSABLE) return null
  const base = local ? cpu.segments.base[LDTR] : cpu.gdtr.base
  const limit = local ? cpu.segments.limit[LDTR] : cpu.gdtr.limit
  if ((selector | 7) > limit) return null
  const at = (base + (selector & 0xfff8)) | 0
  return readKnown(cpu, at)
}

/** The descriptor at a linear address, be it a segment's or a gate. @faults #PF */
export function readKnown(cpu: Cpu, at: number): Descriptor {
  const low = cpu.linear.readAs(false, at, 32)
  return cpu.descriptors.take(low, cpu.linear.readAs(false, (at + 4) | 0, 32), at)
}

/** As `findDescriptor`, but beyond the table faults with the selector. */
export function needDescriptor(
  cpu: Cpu,
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
export function touch(cpu: Cpu, descriptor: Descriptor): number {
  if (!(descriptor.access & TYPE_ACCESSED)) markAccessed(cpu, descriptor)
  return descriptor.access | TYPE_ACCESSED
}

function markAccessed(cpu: Cpu, { at, high }: Descriptor): void {
  cpu.linear.writeAs(false, (at + 4) | 0, 32, high | (1 << 8))
  cpu.tellDetail({
    is: "check",
    says: `the descriptor at ${hex(at)} is marked accessed: bit 8 of its upper half`,
  })
}

/** Write a descriptor into a segment register's cache. */
export function loadCache(cpu: Cpu, register: number, selector: number, descriptor: Descriptor): void {
  cpu.segments.set(register, selector, descriptor, touch(cpu, descriptor))
}

/**
 * MOV, POP, LDS …: load DS, ES, FS, GS or SS.
 * @faults #GP, #NP, #SS with the selector; #GP(0) for a null SS
 * @see SDM Vol. 2B "MOV—Move", Operation
 */
export function loadSegment(cpu: Cpu, register: number, selector: number): void {
  if (register === SS) loadStackSegment(cpu, selector)
  else loadDataSegment(cpu, register, selector)
}

function loadStackSegment(cpu: Cpu, selector: number): void {
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

function loadDataSegment(cpu: Cpu, register: number, selector: number): void {
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
  { cpl }: Cpu,
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
export function dropPrivilegedSegments(cpu: Cpu): void {
  dropIfPrivileged(cpu, ES)
  dropIfPrivileged(cpu, FS)
  dropIfPrivileged(cpu, GS)
  dropIfPrivileged(cpu, DS)
}

function dropIfPrivileged(cpu: Cpu, register: number): void {
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
export function loadLdtr(cpu: Cpu, selector: number): void {
  if ((selector & 0xfffc) === 0) {
    cpu.segments.set(LDTR, selector, { base: 0, limit: 0, access: UNUSABLE })
    return
  }
  const descriptor = needSystem(cpu, selector, [TYPE_LDT], "LLDT needs an LDT descriptor in the GDT")
  cpu.segments.set(LDTR, selector, descriptor)
}

/** LTR: loads an available 32-bit TSS and marks it busy. @faults as LLDT; #GP(0) for a null selector */
export function loadTr(cpu: Cpu, selector: number): void {
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

function needSystem(cpu: Cpu, selector: number, types: readonly number[], says: string): Descriptor {
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
export function describe(cpu: Cpu, selector: number, what: "rights" | "limit"): number | null {
  const descriptor = visible(cpu, selector)
  if (!descriptor) return null
  const { access } = descriptor
  const types = what === "rights" ? LAR_TYPES : LSL_TYPES
  if (!(access & NOT_SYSTEM) && !types.includes(access & TYPE)) return null
  return what === "rights" ? descriptor.high & 0x00f0_ff00 : descriptor.limit | 0
}

/** A descriptor that CPL and RPL allow to look at. */
function visible(cpu: Cpu, selector: number): Descriptor | null {
  if ((selector & 0xfffc) === 0) return null
  const descriptor = findDescriptor(cpu, selector)
  if (!descriptor) return null
  const open = isCode(descriptor.access) && isConforming(descriptor.access)
  return open || Math.max(cpu.cpl, selector & 3) <= dpl(descriptor.access) ? descriptor : null
}

/** VERR and VERW. */
export function verify(cpu: Cpu, selector: number, what: "read" | "write"): boolean {
  const descriptor = visible(cpu, selector)
  if (!descriptor || !(descriptor.access & NOT_SYSTEM)) return false
  return what === "read" ? isReadable(descriptor.access) : isWritableData(descriptor.access)
}
