/**
 * How well two runs show something, so that of many witnesses the one is kept that a reader sees most in: first those whose ends are as
 * like as can be, then those in which the fewest bits differ or change at all.
 */
import type { Testimony } from "./classification"
import type { Part, Run } from "./subject"
import { areTwins, changedResource, changes, converges, tellingPart, unlikeness } from "./twins"

/** The less the better; bits decide between what else is as good. */
export interface Plainness {
  readonly rank: number
  readonly bits: number
}

/** What makes a witness worse than another one whose ends are as like: it is shown only if there is no better one. */
export const IN_SUPERVISOR_MODE = 100
export const OF_RESOURCE = 0.5
/** What differed before does not differ now. */
const NO_LONGER = 10

/** Whether one is plainer than another. */
export const isPlainer = (one: Plainness, other: Plainness | undefined): boolean =>
  other === undefined || one.rank < other.rank || (one.rank === other.rank && one.bits < other.bits)

/** What the ranks of each testimony go by; undefined if the two runs do not show it. */
const RANKS: Readonly<Record<Testimony, (parts: readonly Part[], a: Run, b: Run) => number | undefined>> = {
  privileged: (_, { trap }, b) => (trap && !trap.aside && !b.trap ? 0 : undefined),
  reversed: (_, a, { trap }) => (trap && !trap.aside && !a.trap ? 0 : undefined),
  control: (parts, a) => (a.trap || changedResource(parts, a) < 0 ? undefined : changes(a)),
  behaviour: (parts, a, b) => (a.trap || b.trap || areTwins(a, b) ? undefined : unlikeEnds(parts, a, b)),
}

/** How plainly two runs show something; undefined if they do not. @param worse is added to the rank */
export function plainnessOf(
  shows: Testimony,
  parts: readonly Part[],
  [a, b]: readonly [Run, Run],
  worse = 0,
): Plainness | undefined {
  const rank = RANKS[shows](parts, a, b)
  return rank === undefined ? undefined : { rank: rank + worse, bits: bitsIn(a, b) }
}

/** Of witnesses that differ in as many parts, the one whose difference stands first among the machine's resources. */
function unlikeEnds(parts: readonly Part[], a: Run, b: Run): number {
  const part = tellingPart(parts, a, b)
  const place = parts[part]?.listed ? part : parts.length
  return unlikeness(a, b) + (part >= 0 && converges(a, b, part) ? NO_LONGER : 0) + place / 1000
}

/** Bits that differ between the runs, before and after, and bits that either changes. */
const bitsIn = (a: Run, b: Run) =>
  bitsBetween(a.before, b.before) +
  bitsBetween(a.after, b.after) +
  bitsBetween(a.before, a.after) +
  bitsBetween(b.before, b.after)

/** In how many bits two states differ, part by part. */
export function bitsBetween(a: Int32Array, b: Int32Array): number {
  let count = 0
  for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) count += bitsSet(a[n] ^ b[n])
  return count
}

/** Bits that are 1. */
function bitsSet(value: number): number {
  let count = 0
  for (let rest = value; rest !== 0; rest &= rest - 1) count++
  return count
}
