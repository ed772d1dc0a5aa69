/** What a machine's result differs in from what a real processor gave. */
import { CODE, DATA, FLAGS, flagsOf, GENERAL, type Result, SEGMENTS, type Start, withMemory } from "./stage"
import { type Undefined, undefinedBy } from "./undefined"
import type { Vector } from "./vector"

const ALL_FLAGS = Object.values(FLAGS).reduce((all, bit) => all | bit, 0)
const hex = (value: number | undefined) => (value === undefined ? "?" : (value >>> 0).toString(16))
const flagNames = (bits: number) =>
  Object.entries(FLAGS)
    .filter(([, bit]) => bits & bit)
    .map(([name]) => name)
    .join(" ")

/** What the vector says of registers, or else what one expects of them: EIP goes on, all others stay. */
function expected(name: string, { bytes, after, fault }: Vector, start: Start): number {
  const said = after.numbers.get(name)
  if (said !== undefined) return said
  const before = start.numbers.get(name) as number
  return name === "eip" && !fault ? before + bytes.length : before
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  return a.findIndex((byte, index) => byte !== b[index])
}

/**
 * Everything in which the machine differs from the processor, in words. `unknown` may differ: what the vector's only
 * instruction leaves undefined, if not said.
 */
export function differences(
  vector: Vector,
  start: Start,
  result: Result,
  unknown: Undefined = undefinedBy(vector.bytes, start),
): string[] {
  const found: string[] = []
  if (result.fault !== vector.fault)
    found.push(`fault ${result.fault || "none"}, silicon ${vector.fault || "none"}`)
  for (const name of [...GENERAL, ...SEGMENTS, "eip"]) {
    const wanted = expected(name, vector, start)
    const differing = (wanted ^ (result.numbers.get(name) ?? -1)) & ~(unknown.bits.get(name) ?? 0)
    if (differing) found.push(`${name} ${hex(result.numbers.get(name))}, silicon ${hex(wanted)}`)
  }
  const wrongFlags = (result.flags ^ flagsOf(vector.after)) & ALL_FLAGS & ~unknown.flags
  if (wrongFlags) found.push(`flags differ: ${flagNames(wrongFlags)}`)
  const pages = [
    [DATA, start.data, result.data],
    [CODE, start.code, result.code],
  ] as const
  for (const [base, before, now] of pages) {
    const at = firstDifference(now, withMemory(before, vector.after, base))
    if (at >= 0) found.push(`[${hex(base + at)}] ${hex(now[at])}`)
  }
  return found
}
