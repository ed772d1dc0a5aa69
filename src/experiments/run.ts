/** Running experiments of both kinds; a cell runs them at once. */
import { stopRequested } from "../numbers/host"
import type { Experiment, Result, Run, Values } from "./experiment"

/** A run of an experiment, be it a generator or a plain function. Nothing is computed before the first `next`. */
export function* runOf(experiment: Experiment, values: Values): Run {
  const run = experiment.run(values)
  return Symbol.iterator in run ? yield* run : run
}

/**
 * Run to the end at once.
 * @throws Error if the notebook's host wants the cell to stop
 */
export function atOnce(run: Run): Result {
  for (;;) {
    const next = run.next()
    if (next.done) return next.value
    if (stopRequested()) throw new Error("the experiment was interrupted before it had a result")
  }
}
