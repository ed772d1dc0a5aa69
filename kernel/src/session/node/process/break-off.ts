import type { AsyncLocalStorage } from "node:async_hooks"
import inspector from "node:inspector"
import { pathToFileURL } from "node:url"

/**
 * Ending the JavaScript that a thread runs, whatever it is (a package's loop, a regular expression, code that catches
 * everything), while the thread itself goes on with all that it holds. A debugger ends code in the same way, with the
 * protocol's `Runtime.terminateExecution`.
 *
 * Code that is ended so runs none of its `finally`, and Node's bookkeeping of asynchronous code has no other. Node ends the
 * process when it finds that out, so following asynchronous code is given up before, and the books are cleared after: by an
 * error that nobody catches, since Node clears them then.
 */

/** Under this name a thread has what must be done in it before its code is ended. */
const BEFORE = Symbol.for("ringlab.before-break")

/** What Node's inspector says of threads. */
interface Said {
  readonly params: {
    readonly sessionId: string
    readonly workerInfo: { readonly url: string }
    readonly message: string
  }
}

/** Thrown in the thread, and caught by nobody, when its code has been ended. */
export class BrokenOff extends Error {}

/** Prepares this thread for an end of what it runs. @param cells follows asynchronous code */
export function expectBreak(cells: AsyncLocalStorage<unknown>): void {
  Object.defineProperty(globalThis, BEFORE, { value: () => cells.disable() })
}

/** Follows asynchronous code again, when Node's books have been cleared. */
export function followAgain(cells: AsyncLocalStorage<unknown>): void {
  cells.run(undefined, () => {})
}

/**
 * Ends what the thread of a script runs, as soon as it can be: not inside a native call. Where Node's permissions forbid its inspector, nothing
 * happens.
 * @param done is called when it has been ended: the thread must throw a `BrokenOff` then
 */
export function breakOff(script: string, done: () => void): void {
  const session = new inspector.Session()
  let sessionId = "" // Node numbers threads here in another order than elsewhere
  const on = (event: string, listener: (said: Said) => void) =>
    session.on(event as "inspectorNotification", listener as never)
  try {
    session.connect()
  } catch {
    return
  }
  const send = (command: object): void => {
    post(session, "NodeWorker.sendMessageToWorker", { sessionId, message: JSON.stringify(command) })
  }
  on("NodeWorker.attachedToWorker", ({ params }) => {
    if (params.workerInfo.url === pathToFileURL(script).href) sessionId = params.sessionId
  })
  on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
    if (isAnswerTo(BOOKS, params)) return send(END)
    session.disconnect()
    done()
  })
  post(session, "NodeWorker.enable", { waitForDebuggerOnStart: false }, () => send(BOOKS))
}

const BOOKS = {
  id: 1,
  method: "Runtime.evaluate",
  params: { expression: `globalThis[Symbol.for("${BEFORE.description}")]()` },
}
const END = { id: 2, method: "Runtime.terminateExecution" }

const isAnswerTo = ({ id }: { readonly id: number }, { message }: { readonly message: string }): boolean =>
  JSON.parse(message).id === id

/** Node's types do not know its protocol's own domain. */
function post(session: inspector.Session, method: string, parameters: object, done = () => {}): void {
  session.post(method, parameters, done)
}
