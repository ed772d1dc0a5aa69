/**
 * The segment registers with the caches behind them, and what engines want to know of them at a glance.
 * @see SDM Vol. 3A §3.4.3 "Segment Registers"
 */
import { CS } from "../../isa/registers"
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
