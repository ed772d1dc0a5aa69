import type { MimeBundle } from "../protocol"
import type { Platform } from "../run/platform"
import { bundleOf } from "./bundle"
import type { Comm, CommHandlers, CommOpened, Comms } from "./comms"
import type { Captured, Publisher } from "./publisher"

/** Where the host puts itself on `globalThis`. */
export const HOST = Symbol.for("ringlab.host")

/**
 * What the kernel offers to packages that want to work with it, such as "ringlab". They find it as
 * `globalThis[Symbol.for("ringlab.host")]`, and must do without where it is missing: under another kernel, in a browser
 * worker, on the command line.
 *
 * Outputs go to the cell whose code is running, or that started the timer or promise that is running.
 */
interface Host {
  /** Raised when something here changes in a way that callers can notice. */
  readonly version: 1
  /**
   * Shows a MIME bundle below the cell, now. With `id`, a later call with the same `id` and `update: true` replaces it.
   */
  show(bundle: MimeBundle, options?: { id?: string; update?: boolean; metadata?: object }): void
  /**
   * Opens a comm to the front end, where an extension must have registered `target`. Without such an extension nothing
   * answers, and the comm is closed by the front end: never wait for an answer. Handlers may be asynchronous; the
   * next message waits for them. What a handler shows or throws belongs to the
   * message it handles, which a notebook does not display: catch errors, and send what matters.
   */
  comm(target: string, data: unknown, handlers: CommHandlers): Comm
  /** Lets the front end open comms: `opened` is called for each. */
  serveComm(target: string, opened: CommOpened): void
  /**
   * Lets the front end open comms to a target of the caller's own, whose name is returned: no other session has the same.
   * Only the newest few hundred such targets are kept.
   */
  offerComm(opened: CommOpened): string
  /** The bundle that a cell with this value would show; a promise if the value takes its time. */
  bundleOf(value: unknown): MimeBundle | Promise<MimeBundle>
  /**
   * Does work and gives what it printed and displayed, which is not shown; of failing work it is shown after all.
   * A display with an `id` is shown, for it may be replaced later.
   */
  capture<T>(work: () => Promise<T>): Promise<Captured<T>>
  /**
   * True while somebody wants the running code to stop. Code of a package is not guarded as a cell's is, so anything that
   * may run for more than 100 ms must ask every few milliseconds, and return early; the kernel then reports the cell as
   * interrupted. What does not stop within 5 s is ended together with all variables.
   */
  stopRequested(): boolean
}

/** The host of this session. */
export function createHost(publisher: Publisher, comms: Comms, { hooks, inspect }: Platform): Host {
  return {
    version: 1,
    show: (bundle, options) => publisher.show(bundle, options),
    comm: (target, data, handlers) => comms.create(target, data, handlers),
    serveComm: (target, opened) => comms.serve(target, opened),
    offerComm: (opened) => comms.offer(opened),
    bundleOf: (value) => bundleOf(value, inspect),
    capture: (work) => publisher.capture(work),
    stopRequested: () => hooks.flag[0] !== 0,
  }
}
