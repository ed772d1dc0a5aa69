/** Control registers: their bits, what may be written to them, and CPUID, which says what there is. */
import { Fault } from "../events/fault"

/** Bits of CR0. @see SDM Vol. 3A §2.5 "Control Registers" */
export const CR0 = {
  PE: 1 << 0,
  MP: 1 << 1,
  EM: 1 << 2,
  TS: 1 << 3,
  ET: 1 << 4,
  NE: 1 << 5,
  WP: 1 << 16,
  AM: 1 << 18,
  NW: 1 << 29,
  CD: 1 << 30,
  PG: 1 << 31,
} as const

/** Bits of CR4 that this machine has. */
export const CR4 = {
  TSD: 1 << 2,
  DE: 1 << 3,
  PSE: 1 << 4,
  PAE: 1 << 5,
  PGE: 1 << 7,
  PCE: 1 << 8,
  UMIP: 1 << 11,
} as const

/** Protected mode, as a boot loader leaves it. */
export const INITIAL_CR0 = CR0.PE | CR0.ET

/** The bits of CR0 that exist; the others stay 0, whatever is written. */
const CR0_BITS = Object.values(CR0).reduce((all, bit) => all | bit, 0)
const CR4_BITS = Object.values(CR4).reduce((all, bit) => all | bit, 0)
const SEE = 'SDM Vol. 3A §2.5 "Control Registers"'

/**
 * Refuse values that the manual forbids.
 * @faults #GP(0)
 */
export function checkControl(register: number, value: number): void {
  if (register === 4 && value & ~CR4_BITS)
    throw refused(`CR4 has no bits ${((value & ~CR4_BITS) >>> 0).toString(16)}h on this machine`)
  if (register !== 0) return
  if (value & CR0.PG && !(value & CR0.PE)) throw refused("CR0.PG needs CR0.PE")
  if (value & CR0.NW && !(value & CR0.CD)) throw refused("CR0.NW needs CR0.CD")
}

const refused = (says: string) => new Fault("#GP", 0, says, SEE)

/** Family 6, model 1, stepping 9: a Pentium Pro without floating point. */
export const SIGNATURE = 0x619
/** Feature bits of leaf 1, EDX. @see SDM Vol. 2A "CPUID—CPU Identification", Table 3-11 */
const FEATURES = {
  DE: 1 << 2,
  PSE: 1 << 3,
  TSC: 1 << 4,
  MSR: 1 << 5,
  PAE: 1 << 6,
  CX8: 1 << 8,
  SEP: 1 << 11,
  PGE: 1 << 13,
  CMOV: 1 << 15,
} as const
/** Leaf 7, ECX. */
const UMIP_FEATURE = 1 << 2
const HIGHEST_LEAF = 7
const EXTENDED_LEAVES = 0x8000_0000
/** Physical addresses have 32 bits, linear ones too. */
const ADDRESS_SIZES = 0x2020

/** What a control register holds after a write: CR0's reserved bits are ignored, and ET is always 1. */
export const stored = (register: number, value: number) =>
  register === 0 ? (value & CR0_BITS) | CR0.ET : value

/** Changes of these bits of CR0 and CR4 load the PDPTEs anew, and of CR4's empty the TLB. */
const RELOADING: Readonly<Record<number, number>> = {
  0: CR0.CD | CR0.NW | CR0.PG,
  4: CR4.PAE | CR4.PGE | CR4.PSE,
}
export const changesPaging = (register: number, old: number, value: number) =>
  register === 3 || ((old ^ value) & (RELOADING[register] ?? 0)) !== 0

/** Four letters as the register that holds them. */
const letters = (text: string) =>
  [...text].reduceRight((value, letter) => (value << 8) | letter.charCodeAt(0), 0)

/** CPUID's answer: EAX EBX ECX EDX. A leaf beyond the highest answers as the highest does. */
export function identify(leaf: number): readonly [number, number, number, number] {
  if (leaf >>> 0 >= EXTENDED_LEAVES && leaf >>> 0 <= EXTENDED_LEAVES + 8) return identifyExtended(leaf & 0xf)
  const asked = leaf >>> 0 > HIGHEST_LEAF ? HIGHEST_LEAF : leaf
  switch (asked) {
    case 0:
      return [HIGHEST_LEAF, letters("Genu"), letters("ntel"), letters("ineI")]
    case 1:
      return [SIGNATURE, 0, 0, Object.values(FEATURES).reduce((all, bit) => all | bit, 0)]
    case HIGHEST_LEAF:
      return [0, 0, UMIP_FEATURE, 0]
    default:
      return [0, 0, 0, 0]
  }
}

const BRAND = "ringlab, a simulated P6".padEnd(48, "\0")

/** Leaves 80000000h to 80000008h. */
function identifyExtended(leaf: number): readonly [number, number, number, number] {
  const word = (n: number) => letters(BRAND.slice((leaf - 2) * 16 + 4 * n).slice(0, 4))
  if (leaf === 0) return [(EXTENDED_LEAVES + 8) | 0, 0, 0, 0]
  if (leaf >= 2 && leaf <= 4) return [word(0), word(1), word(2), word(3)]
  return [leaf === 8 ? ADDRESS_SIZES : 0, 0, 0, 0]
}
