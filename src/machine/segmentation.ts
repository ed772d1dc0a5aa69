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

/** A descriptor taken apart. */
export interface Descriptor {
  readonly base: number
  /** Of the last byte, unsigned, granularity applied. */
  readonly limit: number
  readonly access: number
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

/** Bits of `Segments.flat`. */
export const READ_FLAT = 1
export const WRITE_FLAT = 2

/** The segment registers with their caches, LDTR and TR among them. Indexed by register number. */
export class Segments {
  readonly selector: Uint16Array = new Uint16Array(8)
  readonly base: Int32Array = new Int32Array(8)
  readonly limit: Uint32Array = new Uint32Array(8)
  readonly access: Int32Array = new Int32Array(8).fill(UNUSABLE)
  /** Base 0 and limit 4 GiB: no check is needed. Bit 0 for reads, bit 1 for writes. */
  readonly flat: Uint8Array = new Uint8Array(8)
  /** The ring that CS runs in. */
  cpl = 0
  /** Changes whenever CS is loaded: code must then be looked up anew. */
  codeVersion = 0

  set(
    register: number,
    selector: number,
    cache: { base: number; limit: number; access: number },
    access = cache.access,
  ): void {
    this.selector[register] = selector
    this.base[register] = cache.base
    this.limit[register] = cache.limit
    this.access[register] = access
    this.flat[register] = flatness(cache.base, cache.limit, access)
    if (register !== CS) return
    this.cpl = ringOfCode(selector, access)
    this.codeVersion++
  }

  /** Take over all registers of others. */
  become(others: Segments): void {
    this.selector.set(others.selector)
    this.base.set(others.base)
    this.limit.set(others.limit)
    this.access.set(others.access)
    this.flat.set(others.flat)
    this.cpl = others.cpl
    this.codeVersion++
  }

  cache(register: number): { base: number; limit: number; access: number } {
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

function flatness(base: number, limit: number, access: number): number {
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
export function withinLimit(
  offset: number,
  bytes: number,
  cache: { limit: number; access: number },
): boolean {
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
  const low = cpu.linear.slowRead(at, 32, false)
  return readDescriptor(low, cpu.linear.slowRead((at + 4) | 0, 32, false), at)
}

/** As `findDescriptor`, but beyond the table faults with the selector. */
export function needDescriptor(
  cpu: Cpu,
  selector: number,
  fault: "#GP" | "#TS" | "#NP" = "#GP",
  external = 0,
): Descriptor {
  const found = findDescriptor(cpu, selector)
  if (found) return found
  const table = selector & 4 ? "LDT" : "GDT"
  throw new Fault(
    fault,
    selectorError(selector) | external,
    `selector ${selectorName(selector)} is beyond the limit of the ${table}`,
    LIMIT_SEE,
  )
}

/** Set a descriptor's accessed bit in memory, as loading a segment does. */
export function touch(cpu: Cpu, descriptor: Descriptor): number {
  if (!(descriptor.access & TYPE_ACCESSED)) {
    cpu.linear.slowWrite((descriptor.at + 4) | 0, 32, descriptor.high | (1 << 8), false)
    cpu.tellDetail({
      is: "check",
      says: `the descriptor at ${hex(descriptor.at)} is marked accessed: bit 8 of its upper half`,
    })
  }
  return descriptor.access | TYPE_ACCESSED
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
  const code = selectorError(selector) | external
  const name = () => `SS = ${selectorName(selector)}`
  if ((selector & 3) !== ring)
    throw new Fault(
      kind,
      code,
      `${name()}: RPL is ${selector & 3}, but the stack is for ring ${ring}`,
      PRIVILEGE_SEE,
    )
  if (dpl(descriptor.access) !== ring)
    throw new Fault(
      kind,
      code,
      `${name()}: DPL is ${dpl(descriptor.access)}, but the stack is for ring ${ring}`,
      PRIVILEGE_SEE,
    )
  if (!isWritableData(descriptor.access))
    throw new Fault(kind, code, `${name()} is not a writable data segment`, TYPE_SEE)
  if (!isPresent(descriptor.access))
    throw new Fault("#SS", code, `${name()}: the segment is not present (P = 0)`, TYPE_SEE)
}

function loadDataSegment(cpu: Cpu, register: number, selector: number): void {
  if ((selector & 0xfffc) === 0) {
    cpu.segments.set(register, selector, { base: 0, limit: 0, access: UNUSABLE })
    return
  }
  const descriptor = needDescriptor(cpu, selector)
  const { access } = descriptor
  const name = () => `${SEGMENT_NAMES[register]} = ${selectorName(selector)}`
  const code = selectorError(selector)
  if (!(access & NOT_SYSTEM) || !isReadable(access))
    throw new Fault("#GP", code, `${name()} is neither data nor readable code`, TYPE_SEE)
  const lowest = Math.max(cpu.cpl, selector & 3)
  if (!(isCode(access) && isConforming(access)) && lowest > dpl(access))
    throw new Fault(
      "#GP",
      code,
      `${name()}: CPL is ${cpu.cpl} and RPL is ${selector & 3}, both must be ≤ DPL, which is ${dpl(access)}`,
      PRIVILEGE_SEE,
    )
  if (!isPresent(access))
    throw new Fault("#NP", code, `${name()}: the segment is not present (P = 0)`, TYPE_SEE)
  loadCache(cpu, register, selector, descriptor)
}

/** On a return to an outer ring, segments that it may not use are made null. */
export function dropPrivilegedSegments(cpu: Cpu): void {
  for (const register of [ES, FS, GS, DS]) {
    const access = cpu.segments.access[register]
    const guarded = !(isCode(access) && isConforming(access))
    if (access & UNUSABLE || !guarded || dpl(access) >= cpu.cpl) continue
    const says = `${SEGMENT_NAMES[register]} becomes null: ring ${cpu.cpl} must not keep a segment of ring ${dpl(access)}`
    cpu.tellDetail({ is: "check", says })
    cpu.segments.set(register, 0, { base: 0, limit: 0, access: UNUSABLE })
  }
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
  cpu.linear.slowWrite((descriptor.at + 4) | 0, 32, descriptor.high | (1 << 9), false)
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
