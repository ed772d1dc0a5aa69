/** A witness' two runs, recorded: the instruction, and what follows it. */
import type { Witness } from "../theory/classification"
import { situate } from "../theory/ia32/classify"
import type { RecordingOutput } from "./output"
import { record } from "./record"

/** The instruction is the first step; a handler's first instruction shows where a trap has led. */
const STEPS = 2

/** The two runs as recordings, to be shown side by side. @throws RangeError if a situation makes no sense */
export function recordWitness({ form, left, right }: Witness): {
  left: RecordingOutput
  right: RecordingOutput
} {
  const [one, other] = [left, right].map((situation) =>
    record(situate(situation), {
      steps: STEPS,
      show: 1,
      title: `${form} in ring ${situation.ring}`,
    }).output(),
  )
  return { left: one, right: other }
}
