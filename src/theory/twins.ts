/** Two runs side by side: whether states that were twins before are twins after. */
import type { Part, Run } from "./subject"

/** Whether two runs that both completed ended as twins: what differed before differs in the same way, and nothing else. */
export function areTwins(a: Run, b: Run): boolean {
  for (let n = 0; n < a.after.length; n++) if (!alike(a, b, n)) return false
  return sameMemory(a, b)
}

/** Whether a part differs after the two runs just as it did before. */
const alike = (a: Run, b: Run, part: number) =>
  (a.after[part] ^ b.after[part]) === (a.before[part] ^ b.before[part])

/** In how many parts two runs did not end as twins; memory counts as one. */
export function unlikeness(a: Run, b: Run): number {
  let count = sameMemory(a, b) ? 0 : 1
  for (let n = 0; n < a.after.length; n++) if (!alike(a, b, n)) count++
  return count
}

/** Whether a part that differed before does not any more: both runs led to the same value. */
export const converges = (a: Run, b: Run, part: number) => a.after[part] === b.after[part]

/** The part that tells most of the difference between two ends: a resource that differs now, or did; -1 if only memory differs. */
export function tellingPart(parts: readonly Part[], a: Run, b: Run): number {
  let best = -1
  for (let n = parts.length - 1; n >= 0; n--)
    if (!alike(a, b, n) && telling(parts, a, b, n) >= telling(parts, a, b, best)) best = n
  return best
}

/** How much a part tells of a difference. */
function telling(parts: readonly Part[], a: Run, b: Run, n: number): number {
  if (n < 0 || !parts[n].listed) return 0
  return converges(a, b, n) ? 1 : 2
}

/** Whether two runs left the same in memory, or differ only in that tables moved. */
const sameMemory = (a: Run, b: Run) => areEqual(a.places, b.places) || areEqual(a.memory, b.memory)

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false
  for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) return false
  return true
}

/** A word that a run changed: address and new value; undefined where it changed nothing. */
export type Word = readonly [address: number, value: number] | undefined

/** The first word of memory in which two ends differ, as each run left it. */
export function differentWord(a: Run, b: Run): readonly [Word, Word] {
  const [one, other] = [wordsOf(a), wordsOf(b)]
  const places = [...new Set([...one.keys(), ...other.keys()])].sort((a, b) => a - b)
  const place = places.find((place) => one.get(place)?.[1] !== other.get(place)?.[1])
  return place === undefined ? [undefined, undefined] : [one.get(place), other.get(place)]
}

const wordsOf = ({ memory, places }: Run): ReadonlyMap<number, Word> =>
  new Map(
    Array.from({ length: memory.length / 2 }, (_, n) => [
      places[2 * n],
      [memory[2 * n], memory[2 * n + 1]] as const,
    ]),
  )

/** The listed part that a run changed; -1 if none. */
export function changedResource(parts: readonly Part[], { before, after }: Run): number {
  for (let n = 0; n < parts.length; n++) if (parts[n].listed && before[n] !== after[n]) return n
  return -1
}

/** How much a run changed: parts, and words of memory. */
export function changes({ before, after, memory }: Run): number {
  let count = memory.length / 2
  for (let n = 0; n < before.length; n++) if (before[n] !== after[n]) count++
  return count
}
