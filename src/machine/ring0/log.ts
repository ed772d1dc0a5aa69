/**
 * What a log names: the calls by which a device, or code in TypeScript, changes the machine or makes it spend time. One list, so that a
 * log which comes from anywhere can ask for nothing else.
 *
 *     [name, ...numbers]      ["setRegister", 0, 5]   ["interruptReturn"]
 *
 * Looks that cost nothing (`register`, `now`, `readPhysical` …) are not here, nor what only a reader or the caller has of a call
 * (`tell`, `leave`).
 */
import type { DeviceHost, Ring0 } from "../board/device"

/** What is looked at, told or asked of the run: all that a log does not name. */
type Unlogged =
  | "now"
  | "hertz"
  | "a20"
  | "steps"
  | "readMemory"
  | "register"
  | "selector"
  | "control"
  | "debug"
  | "modelSpecific"
  | "readPhysical"
  | "translate"
  | "leave"

/** The method that a name stands for, and how many numbers (or truths) it takes. */
interface Logged {
  readonly method: Exclude<keyof Ring0, Unlogged | "tell">
  readonly takes: number
}

const call = (method: Logged["method"], takes: number): Logged => ({ method, takes })

/** By name in the log. Release 0.1.0 wrote the first six. */
const CALLS: Readonly<Record<string, Logged>> = {
  irq: call("interrupt", 2),
  after: call("after", 2),
  cancel: call("cancel", 1),
  a20: call("gateA20", 1),
  reset: call("reset", 0),
  write: call("writeMemory", 3),
  setRegister: call("setRegister", 2),
  loadSegment: call("loadSegment", 2),
  setControl: call("setControl", 2),
  setDebug: call("setDebug", 2),
  loadGdt: call("loadGdt", 2),
  loadIdt: call("loadIdt", 2),
  loadTask: call("loadTask", 1),
  loadLdt: call("loadLdt", 1),
  setModelSpecific: call("setModelSpecific", 2),
  load: call("read", 2),
  store: call("write", 3),
  writePhysical: call("writePhysical", 3),
  invalidate: call("invalidate", 1),
  in: call("in", 2),
  out: call("out", 3),
  interruptReturn: call("interruptReturn", 0),
  jump: call("jump", 1),
  work: call("work", 1),
}

/** One call: what it is, and what it was given. */
export type Call = readonly [name: string, ...values: (number | boolean)[]]

/** Whether something from a log is a call that may be made. */
export function isCall(what: unknown): what is Call {
  if (!Array.isArray(what) || !Object.hasOwn(CALLS, String(what[0]))) return false
  const [name, ...values] = what
  return (
    values.length === CALLS[name].takes &&
    values.every((value) => typeof value === "boolean" || Number.isFinite(value))
  )
}

type Method = (...values: (number | boolean)[]) => unknown
const methodOf = (host: DeviceHost, { method }: Logged) => (host as unknown as Record<string, Method>)[method]

/** The same host, its calls noted in the list that `target` gives. */
export function noting<Host extends DeviceHost>(host: Host, target: () => Call[]): Host {
  const noter = Object.create(host) as Host
  for (const [name, logged] of Object.entries(CALLS)) {
    const method = methodOf(host, logged)
    if (!method) continue
    const value = (...values: (number | boolean)[]) => {
      target().push([name, ...values])
      return method.apply(host, values)
    }
    Object.defineProperty(noter, logged.method, { value })
  }
  return noter
}

/** Make a call again. One that the machine refuses does nothing, as it did nothing when it was noted. */
export function repeat([name, ...values]: Call, host: DeviceHost): void {
  try {
    methodOf(host, CALLS[name])?.apply(host, values)
  } catch (reason) {
    if (!(reason instanceof RangeError)) throw reason
  }
}
