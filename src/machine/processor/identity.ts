/**
 * What a processor says that it is and has: CPUID, and the bits of CR4 that come with the features.
 * @see SDM Vol. 2A "CPUID—CPU Identification"
 */
import { CR4 } from "./control"

/** Who a processor is: what CPUID answers, and EDX after a reset. */
export interface Identity {
  /** Family, model and stepping, as leaf 1 has them in EAX. */
  readonly signature: number
  /** Feature bits of leaf 1 in EDX, and of leaf 7 in ECX: of `FEATURE` and `STRUCTURED_FEATURE`. */
  readonly features: number
  readonly structured: number
  /** At most 47 characters. */
  readonly brand: string
}

/** Feature bits of leaf 1, EDX. @see SDM Vol. 2A "CPUID—CPU Identification", Table 3-11 */
export const FEATURE = {
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
/** Feature bits of leaf 7, ECX. */
export const STRUCTURED_FEATURE = { UMIP: 1 << 2 } as const

const HIGHEST_LEAF = 7
const EXTENDED_LEAVES = 0x8000_0000
/** Physical addresses have 32 bits, linear ones too. */
const ADDRESS_SIZES = 0x2020

/** The bits of CR4 that a processor has. */
export function controlBits({ features, structured }: Identity): number {
  const of = (all: number, feature: number, bits: number) => (all & feature ? bits : 0)
  return (
    CR4.PCE |
    of(features, FEATURE.TSC, CR4.TSD) |
    of(features, FEATURE.DE, CR4.DE) |
    of(features, FEATURE.PSE, CR4.PSE) |
    of(features, FEATURE.PAE, CR4.PAE) |
    of(features, FEATURE.PGE, CR4.PGE) |
    of(structured, STRUCTURED_FEATURE.UMIP, CR4.UMIP)
  )
}

/** Four letters as the register that holds them. */
const letters = (text: string) =>
  [...text].reduceRight((value, letter) => (value << 8) | letter.charCodeAt(0), 0)

/** CPUID's answer: EAX EBX ECX EDX. A leaf beyond the highest answers as the highest does. */
export function identify(who: Identity, leaf: number): readonly [number, number, number, number] {
  if (leaf >>> 0 >= EXTENDED_LEAVES && leaf >>> 0 <= EXTENDED_LEAVES + 8)
    return identifyExtended(who, leaf & 0xf)
  const asked = leaf >>> 0 > HIGHEST_LEAF ? HIGHEST_LEAF : leaf
  switch (asked) {
    case 0:
      return [HIGHEST_LEAF, letters("Genu"), letters("ntel"), letters("ineI")]
    case 1:
      return [who.signature, 0, 0, who.features]
    case HIGHEST_LEAF:
      return [0, 0, who.structured, 0]
    default:
      return [0, 0, 0, 0]
  }
}

/** Leaves 80000000h to 80000008h. */
function identifyExtended({ brand }: Identity, leaf: number): readonly [number, number, number, number] {
  const text = brand.padEnd(48, "\0")
  const word = (n: number) => letters(text.slice((leaf - 2) * 16 + 4 * n).slice(0, 4))
  if (leaf === 0) return [(EXTENDED_LEAVES + 8) | 0, 0, 0, 0]
  if (leaf >= 2 && leaf <= 4) return [word(0), word(1), word(2), word(3)]
  return [leaf === 8 ? ADDRESS_SIZES : 0, 0, 0, 0]
}
