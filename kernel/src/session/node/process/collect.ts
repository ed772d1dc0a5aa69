import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** Collects this thread's garbage. V8 does so when a thread needs memory; one that is idle would keep all that it once needed. */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc")
  const collect: () => void = runInNewContext("gc")
  collect()
}
