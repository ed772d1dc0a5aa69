/** Small arithmetic that JavaScript lacks: widths, wrapping, sign and parity. */

/** Width of an operand in bits. */
export type Size = 8 | 16 | 32

/** The `size` low bits of `value`, as an unsigned number. */
export function unsigned(value: number, size: Size): number {
  return size === 32 ? value >>> 0 : value & ((1 << size) - 1)
}

/** The `size` low bits of `value`, as a signed number. */
export function signed(value: number, size: Size): number {
  const unused = 32 - size
  return (value << unused) >> unused
}

/** Whether the low byte of `value` has an even number of ones, as PF tells. */
export function evenParity(value: number): boolean {
  const folded = value ^ (value >> 4)
  // Bit n of 6996h is the parity of the number n.
  return ((0x6996 >> (folded & 15)) & 1) === 0
}

/** A value in upper-case hexadecimal with the manual's trailing h: `hex(255, 2)` is "FFh". */
export function hex(value: number, digits = 8): string {
  return `${(value >>> 0).toString(16).toUpperCase().padStart(digits, "0")}h`
}
