/** Points for an answer, as a test cell of nbgrader gives them. */
import { notebookHost } from "../numbers/host"
import type { Feedback } from "./exercise"

/**
 * Turn what a check said into points, and show what it said. A test cell ends with the sum of its points: that number is
 * the cell's grade.
 * @param feedback of an exercise's `check`, or anything with `right` and `text`; a `rule` is shown, too, for there is no next try
 * @param points what a right answer is worth
 * @returns the points, or 0
 * @throws RangeError unless `points` is a number from 0 upwards
 * @example grade(exercise("rings/iopl", 7).check(await answer("iopl")), 2)
 */
export function grade(
  { right, text, rule = "" }: Pick<Feedback, "right" | "text" | "rule">,
  points = 1,
): number {
  if (!(Number.isFinite(points) && points >= 0))
    throw new RangeError(`points is ${points}: it must be a number from 0 upwards`)
  const earned = right === true ? points : 0
  tell(`${right === true ? "Right" : "Not right"}: ${earned} of ${points}.`, `${text} ${rule}`.trim())
  return earned
}

function tell(verdict: string, text: string): void {
  const host = notebookHost()
  if (!host) return
  host.show({ "text/markdown": `**${verdict}** ${text}`, "text/plain": `${verdict} ${text}` })
}
