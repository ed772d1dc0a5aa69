/** How numbers look in diagrams, and what is asked of those that come in. */

/** Digits of a binary number, in groups of four from the right. */
export const binary = (value: number, digits: number): string =>
  (value >>> 0)
    .toString(2)
    .padStart(digits, "0")
    .replace(/\B(?=(.{4})+$)/g, " ")

/** Hexadecimal with as few digits as do: "18h". */
export const short = (value: number): string => `${(value >>> 0).toString(16).toUpperCase()}h`

/** @throws RangeError in words if a value is no whole number from 0 to `last` */
export function needWhole(value: number, last: number, what: string): void {
  if (!Number.isInteger(value) || value < 0 || value > last)
    throw new RangeError(`${value} is not ${what}: write a whole number from 0 to ${short(last)}`)
}
