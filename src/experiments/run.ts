/** Running experiments of both kinds: at once, as a cell does, or in slices, as a browser's worker does. */
import { stopRequested } from "../numbers/host"
import type { Experiment, Progress, Result, Run, Values } from "./experiment"

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

/**
 * Run to the end with pauses, as long as the result is wanted.
 * @param pause called at each yield; the run goes on when what it gives has come to pass
 * @param wanted asked before anything is computed, and after each pause
 * @returns undefined if it was not wanted any more
 */
export async function inSlices(
  run: Run,
  pause: (progress: Progress) => Promise<void> | undefined,
  wanted: () => boolean,
): Promise<Result | undefined> {
  while (wanted()) {
    const next = run.next()
    if (next.done) return next.value
    await pause(next.value)
  }
  return undefined
}
