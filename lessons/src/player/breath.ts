/** When work in the worker rests, so that the messages of the page are read. */

/** A worker's slices of time. */
export interface Breather {
  /** A message has come: what it asks for has a slice of its own, so that what is done within it is not overtaken. */
  begin(): void
  /** Called at each yield: nothing while the present slice lasts, else a promise for when others have had their turn. */
  breathe(): Promise<void> | undefined
}

/**
 * @param slice milliseconds from one rest to the next
 * @param now a clock in milliseconds
 * @param rest lets others have their turn
 */
export function breather(slice: number, now: () => number, rest: () => Promise<void>): Breather {
  let end = Number.NEGATIVE_INFINITY
  const begin = () => {
    end = now() + slice
  }
  return { begin, breathe: () => (now() < end ? undefined : rest().then(begin)) }
}
