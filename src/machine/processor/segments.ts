/**
 * The segment registers with the caches behind them, and what engines want to know of them at a glance.
 * @see SDM Vol. 3A §3.4.3 "Segment Registers"
 */
import { CS, LDTR } from "../../isa/registers"
import {
  BIG,
  type Cache,
  isCode,
  isPresent,
  isReadable,
  isWritableData,
  ringOfCode,
  TYPE_DOWN_CONFORMING,
  UNUSABLE,
} from "./descriptors"

/**
 * What a segment register allows without a look at its cache: bits of `Segments.flat`.
 *
 *    3   2   1   0
 *  ┌───┬───┬───┬───┐   WF RF  a flat segment, which may be written, read: base 0, limit 4 GiB; no offset needs a check
 *  │ WB│ RB│ WF│ RF│   WB RB  a bounded one, which does not expand down: offsets from 0 to the limit; it has 4 KiB or more
 *  └───┴───┴───┴───┘
 *
 * A flat segment is a bounded one, too. Where no bit is set, `checkedLinear` decides.
 */
export const READ_FLAT = 1
export const WRITE_FLAT = 2
export const READ_BOUNDED = 4
export const WRITE_BOUNDED = 8
/** From a bit for flat segments to the one for bounded ones. */
export const BOUNDED_SHIFT = 2
/** The smallest limit of a bounded segment: no access is so large that limit less its bytes wraps. */
const SMALLEST_LIMIT = 0xfff

const REGISTERS = 8
/**
 * `Segments.summary`: what engines ask of all segment registers, in one number.
 *
 *   31     27  26  25  24 23    20 19    16 15    12 11     8 7      4 3      0
 *  ┌─────────┬───┬───┬───┬────────┬────────┬────────┬────────┬────────┬────────┐
 *  │    0    │ U │ C │ S │   GS   │   FS   │   DS   │   SS   │   CS   │   ES   │
 *  └─────────┴───┴───┴───┴────────┴────────┴────────┴────────┴────────┴────────┘
 *
 *  S  SS has its B bit set, so all of ESP counts (WIDE_STACK)     C  CS has its D bit set (WIDE_CODE)
 *  U  CPL is 3 (USER_CODE)                                        four bits of `flat` for each register but LDTR and TR
 */
export const inSummary = (register: number, bits: number): number =>
  register < LDTR ? bits << (4 * register) : 0
const FLAT_BITS = 15
export const WIDE_STACK = 1 << 24
export const WIDE_CODE = 1 << 25
export const USER_CODE = 1 << 26

/** Where one of a register's five fields stands in `Segments.fields`: selector, base, limit, rights, flatness. */
export const fieldOf = (register: number, field: number): number => field * REGISTERS + register

/** The fields of a register that is loaded, the bits of the summary that stay then, and those that are set. */
export function imageOf(register: number, selector: number, cache: Cache, access: number) {
  const wide = WIDE[register]
  const flat = flatness(cache)
  return {
    fields: [selector & 0xffff, cache.base, cache.limit | 0, access, flat],
    stays: ~(inSummary(register, FLAT_BITS) | wide),
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
  /** What needs no look at base, limit and rights: READ_FLAT, WRITE_FLAT, READ_BOUNDED, WRITE_BOUNDED. */
  readonly flat: Int32Array = this.fields.subarray(4 * REGISTERS)
  /** `flat` of the registers, with WIDE_STACK, WIDE_CODE and USER_CODE: see `inSummary`. */
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
    const others = this.summary & ~inSummary(register, FLAT_BITS) & ~wide
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

/** Bits of `Segments.flat`. */
export function flatness({ base, limit, access }: Cache): number {
  const down = !isCode(access) && (access & TYPE_DOWN_CONFORMING) !== 0
  if (access & UNUSABLE || !isPresent(access) || down || limit < SMALLEST_LIMIT) return 0
  const rights = (isReadable(access) ? READ_FLAT : 0) | (isWritableData(access) ? WRITE_FLAT : 0)
  const bounded = rights << BOUNDED_SHIFT
  return base === 0 && limit === 0xffff_ffff ? rights | bounded : bounded
}
