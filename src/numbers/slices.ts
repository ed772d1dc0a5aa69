/** Work in slices: a generator that yields now and then, so that others may have their turn, or it may be ended. */

/** How far work is, in units of its own: `done` of `of` steps, points, forms. */
export interface Progress {
  readonly done: number
  readonly of: number
}

/** Work under way: at each yield it may be paused or ended. */
export type Work<Result> = Generator<Progress, Result, void>

/** Do all of it at once. */
export function finished<Result>(work: Work<Result>): Result {
  for (;;) {
    const next = work.next()
    if (next.done) return next.value
  }
}

/**
 * Do it with pauses, as long as the result is wanted.
 * @param pause called at each yield: the work goes on when the promise that it gives is resolved, or at once if it gives none
 * @param wanted asked before anything is done, and after each pause
 * @returns the result, at once if there was no pause; undefined if it was not wanted any more
 */
export function inSlices<Result>(
  work: Work<Result>,
  pause: (progress: Progress) => Promise<void> | undefined,
  wanted: () => boolean,
): Result | undefined | Promise<Result | undefined> {
  while (wanted()) {
    const next = work.next()
    if (next.done) return next.value
    const rest = pause(next.value)
    if (rest) return afterwards(rest, work, pause, wanted)
  }
  return undefined
}

async function afterwards<Result>(
  rest: Promise<void>,
  work: Work<Result>,
  pause: (progress: Progress) => Promise<void> | undefined,
  wanted: () => boolean,
): Promise<Result | undefined> {
  await rest
  while (wanted()) {
    const next = work.next()
    if (next.done) return next.value
    await pause(next.value)
  }
  return undefined
}
