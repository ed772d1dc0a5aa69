/** Control registers: their bits, and what may be written to them. */
import { Fault } from "../events/fault"

/**
 * Bits of CR0.
 *
 *      31 30 29 28 19 18 17 16 15 6  5  4  3  2  1  0
 *     ┌──┬──┬──┬─────┬──┬──┬──┬────┬──┬──┬──┬──┬──┬──┐
 *     │PG│CD│NW│ 0   │AM│ 0│WP│ 0  │NE│ET│TS│EM│MP│PE│
 *     └──┴──┴──┴─────┴──┴──┴──┴────┴──┴──┴──┴──┴──┴──┘
 *
 * @see SDM Vol. 3A §2.5 "Control Registers"
 */
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

/**
 * Bits of CR4. Which of them a processor has, its generation says.
 *
 *      31 12   11 10 9   8   7 6   5   4  3   2 1 0
 *     ┌─────┬────┬────┬───┬───┬─┬───┬───┬──┬───┬───┐
 *     │ 0   │UMIP│ 0  │PCE│PGE│0│PAE│PSE│DE│TSD│ 0 │
 *     └─────┴────┴────┴───┴───┴─┴───┴───┴──┴───┴───┘
 */
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
const SEE = 'SDM Vol. 3A §2.5 "Control Registers"'

/**
 * Refuse values that the manual forbids.
 * @param cr4 the bits of CR4 that exist
 * @faults #GP(0)
 */
export function checkControl(register: number, value: number, cr4: number): void {
  if (register === 4 && value & ~cr4)
    throw refused(`CR4 has no bits ${((value & ~cr4) >>> 0).toString(16)}h on this machine`)
  if (register !== 0) return
  if (value & CR0.PG && !(value & CR0.PE)) throw refused("CR0.PG needs CR0.PE")
  if (value & CR0.NW && !(value & CR0.CD)) throw refused("CR0.NW needs CR0.CD")
}

const refused = (says: string) => new Fault("#GP", 0, says, SEE)

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
