/** Two recordings that go together: which steps belong to each other, and what differs after them. */
import { type Difference, differences, NONE } from "./difference"
import type { PairOutput, Together } from "./output"
import type { Frame } from "./view"

/**
 * The step of the other recording that belongs to a step: of the right one to a step of the left, or with `from` 1 the other way round.
 * What lies between two stretches belongs to the end of the first one.
 */
export function otherStep(together: Together, step: number, from: 0 | 1 = 0): number {
  const n = Math.max(0, lastNotAfter(together, step, from))
  const stretch = together[n] ?? [0, 0, 0]
  const gone = Math.max(0, step - stretch[from])
  const there = from === 0 ? stretch[1] : stretch[0]
  return there + (n < together.length - 1 ? Math.min(gone, stretch[2]) : gone)
}

/** The step itself if one of the right recording belongs to it, or else the next step of the left one in a direction that has such. */
export function commonStep(together: Together, step: number, direction: 1 | -1): number {
  const n = lastNotAfter(together, step, 0)
  const [stretch, next] = [together[n], together[n + 1]]
  if (!stretch || !next) return step
  const end = stretch[0] + stretch[2]
  if (step <= end) return step
  return direction === 1 ? next[0] : end
}

/** Index of the last stretch that does not begin after a step; -1 if there is none. */
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

/**
 * What differs between two frames of a pair. A guest could not tell that its kernel has another ring, nor what only one of the two
 * frames shows: the hypervisor's own memory, and a page of the guest's that is not in the tables yet.
 */
export function pairDifferences(
  { guest = false }: Pick<PairOutput, "guest">,
  [left, right]: readonly [Frame, Frame],
): readonly Difference[] {
  const all = differences(left, right)
  return guest
    ? all.filter(({ name, left, right }) => name !== "ring" && left !== NONE && right !== NONE)
    : all
}
