/**
 * The bits of EFLAGS.
 *
 *      31 22 21  20  19 18 17 16 15 14 13 12 11 10  9  8  7  6 5  4 3  2 1  0
 *     ┌─────┬──┬───┬───┬──┬──┬──┬──┬──┬─────┬──┬──┬──┬──┬──┬──┬─┬──┬─┬──┬─┬──┐
 *     │ 0   │ID│VIP│VIF│AC│VM│RF│ 0│NT│ IOPL│OF│DF│IF│TF│SF│ZF│0│AF│0│PF│1│CF│
 *     └─────┴──┴───┴───┴──┴──┴──┴──┴──┴─────┴──┴──┴──┴──┴──┴──┴─┴──┴─┴──┴─┴──┘
 *
 * @see SDM Vol. 1 §3.4.3 "EFLAGS Register", Figure 3-8
 */
export const CF = 1 << 0
export const PF = 1 << 2
export const AF = 1 << 4
export const ZF = 1 << 6
export const SF = 1 << 7
export const TF = 1 << 8
export const IF = 1 << 9
export const DF = 1 << 10
export const OF = 1 << 11
export const IOPL = 3 << 12
export const NT = 1 << 14
export const RF = 1 << 16
export const VM = 1 << 17
export const AC = 1 << 18
export const VIF = 1 << 19
export const VIP = 1 << 20
export const ID = 1 << 21

/** The six flags that arithmetic sets. */
export const STATUS = CF | PF | AF | ZF | SF | OF
/** Bits that a program can change at all; bit 1 always reads 1, the others 0. VIF and VIP exist only where CPUID tells of VME. */
export const CHANGEABLE = STATUS | TF | IF | DF | IOPL | NT | RF | VM | AC | ID

/** A flag of a value of EFLAGS, or a field of several bits, as a number. */
export const field = (value: number, mask: number) => (value & mask) >>> (31 - Math.clz32(mask & -mask))

/** Flag bits by name, lowest first. IOPL is a two-bit field. */
export const FLAG_BITS = [
  ["CF", CF],
  ["PF", PF],
  ["AF", AF],
  ["ZF", ZF],
  ["SF", SF],
  ["TF", TF],
  ["IF", IF],
  ["DF", DF],
  ["OF", OF],
  ["IOPL", IOPL],
  ["NT", NT],
  ["RF", RF],
  ["VM", VM],
  ["AC", AC],
  ["VIF", VIF],
  ["VIP", VIP],
  ["ID", ID],
] as const satisfies readonly (readonly [name: string, mask: number])[]
