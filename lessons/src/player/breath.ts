/** When an experiment in the worker rests, so that the messages of the page are read. */

/**
 * Makes what a player calls at each yield: nothing while the present slice of time lasts, else a promise for when others have
 * had their turn.
 * @param slice milliseconds from one rest to the next
 * @param now a clock in milliseconds
 * @param rest lets others have their turn
 */
export function breather(
  slice: number,
  now: () => number,
  rest: () => Promise<void>,
): () => Promise<void> | undefined {
  let end = Number.NEGATIVE_INFINITY
  const breathe = async () => {
    await rest()
    end = now() + slice
  }
  return () => (now() < end ? undefined : breathe())
}
