import { promisify } from "node:util"
import type { Cell } from "../../run/cell"

type Callback = (this: unknown, ...values: unknown[]) => void
type Timer = typeof setTimeout | typeof setInterval

/**
 * Makes timers of an interrupted cell stay silent, so that a timer that computes for ever can be stopped.
 * @param currentCell the cell that starts a timer
 */
export function installTimers(currentCell: () => Cell | undefined): void {
  const { setTimeout: startOnce, setInterval: startRepeating, setImmediate: startSoon } = globalThis
  const unlessStopped = (callback: Callback): Callback => {
    const cell = currentCell()
    return function (...values) {
      if (!cell?.stopped) Reflect.apply(callback, this, values) // `this` is the timer
    }
  }
  const wrap = <T extends Timer | typeof setImmediate>(start: T): T => {
    const wrapped = (callback: Callback, ...rest: unknown[]) =>
      (start as (callback: Callback, ...rest: unknown[]) => unknown)(
        typeof callback === "function" ? unlessStopped(callback) : callback,
        ...rest,
      )
    const asPromise = Reflect.get(start, promisify.custom)
    return Object.assign(wrapped, asPromise ? { [promisify.custom]: asPromise } : {}) as unknown as T
  }
  globalThis.setTimeout = wrap(startOnce)
  globalThis.setInterval = wrap(startRepeating)
  globalThis.setImmediate = wrap(startSoon)
}
