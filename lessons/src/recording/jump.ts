/** Finding the next happening in a timeline. */
import { MARK_KINDS, type Mark, type MarkKind, type Timeline } from "ringlab"

/** Kinds a reader may jump to, or any of them. */
export type Target = MarkKind | "any"

/** The nearest step after (1) or before (-1) `from` at which this happened, or null. */
export function findMark(timeline: Timeline, target: Target, from: number, direction: 1 | -1): number | null {
  const { marks } = timeline
  const first = firstAfter(marks, direction > 0 ? from : from - 1)
  for (let i = direction > 0 ? first : first - 1; i >= 0 && i < marks.length; i += direction) {
    if (target === "any" || MARK_KINDS[marks[i][1]] === target) return marks[i][0]
  }
  return null
}

/** Index of the first mark whose step is greater than `step`. */
function firstAfter(marks: readonly Mark[], step: number): number {
  let low = 0
  let high = marks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (marks[middle][0] > step) high = middle
    else low = middle + 1
  }
  return low
}
