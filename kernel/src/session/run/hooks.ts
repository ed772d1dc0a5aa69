import { type Cell, Interrupted } from "./cell"

/** What guarded code calls; see `convert/guards.ts` for where. */
export interface Hooks {
  /** Shared with the thread that hears interrupts, which sets its only element to 1. */
  readonly flag: Int32Array
  /** Ends the code that runs. */
  readonly stop: () => never
  /** Passes on what an `await` gave, unless the cell that waited was interrupted meanwhile. */
  readonly resume: <T>(value: T) => T
}

/** @param currentCell the cell on whose behalf code runs */
export function createHooks(flag: Int32Array, currentCell: () => Cell | undefined): Hooks {
  const stop = (): never => {
    const cell = currentCell()
    // Deep recursion is left through thousands of frames that may each catch it: making it anew each time takes long.
    throw cell ? (cell.interruption ??= new Interrupted()) : new Interrupted()
  }
  const resume = <T>(value: T): T => (currentCell()?.stopped ? stop() : value)
  return { flag, stop, resume }
}
