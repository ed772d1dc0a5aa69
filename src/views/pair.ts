/** Two recordings that go together: which steps belong to each other, and what differs after them. */
import type { Difference } from "./difference"
import type { PairOutput, Together } from "./output"

/**
 * The step of the other recording that belongs to a step: of the right one to a step of the left, or with `from` 1 the other way round.
 * Between two steps that belong together both go on step by step, but not beyond.
 */
export function otherStep(together: Together, step: number, from: 0 | 1 = 0): number {
  const to = from === 0 ? 1 : 0
  const n = Math.max(0, lastNotAfter(together, step, from))
  const here = together[n] ?? [0, 0]
  const next = together[n + 1]
  const there = here[to] + Math.max(0, step - here[from])
  return next ? Math.min(there, Math.max(here[to], next[to] - 1)) : there
}

/** Index of the last pair whose step is not after a step; -1 if there is none. */
function lastNotAfter(together: Together, step: number, from: 0 | 1): number {
  let low = 0
  let high = together.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (together[middle][from] <= step) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** What differs after a step of the left recording; undefined: whatever is not the same in the two pictures. */
export const toldDifferences = (
  { differs }: Pick<PairOutput, "differs">,
  step: number,
): Difference[] | undefined =>
  differs?.flatMap(([at, name, left, right]) => (at === step ? [{ name, left, right }] : []))
