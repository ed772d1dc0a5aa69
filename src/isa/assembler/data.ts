/** The bytes of db, dw, dd and dq. */
import type { Scope } from "./expression"
import { rangeOf, within } from "./fit"
import { fail } from "./mistake"
import { number } from "./operand"
import type { DataBody, DataItem } from "./statement"

/** The bytes of a data directive. Fails if a number does not fit its item. */
export function dataBytes({ size, items }: DataBody, scope: Scope): number[] {
  return items.flatMap((item) => itemBytes(item, size, scope))
}

function itemBytes(item: DataItem, size: number, scope: Scope): number[] {
  if (item.kind === "string") return padded(item.bytes, size)
  const { number: value, known } = number(item.value, scope)
  if (known && !within(value, rangeOf(8 * size))) outOfRange(item.value.column, value, size)
  return Array.from({ length: size }, (_, n) => Number((value >> BigInt(8 * n)) & 0xffn))
}

/** A string fills whole items; the rest is zero. */
function padded(bytes: readonly number[], size: number): number[] {
  const missing = (size - (bytes.length % size)) % size
  return [...bytes, ...new Array<number>(missing).fill(0)]
}

function outOfRange(column: number, value: bigint, size: number): never {
  const [least, most] = rangeOf(8 * size)
  return fail(
    column,
    `${value} does not fit into ${size} byte${size > 1 ? "s" : ""}`,
    `expected ${least} to ${most}`,
  )
}
