import dgram from "node:dgram"
import { syncBuiltinESMExports } from "node:module"
import net from "node:net"
import threads from "node:worker_threads"

/** Keeps cells from the line on which the session talks to its keeper: a word of theirs there would be taken for its own. */
export function hideLine(): void {
  Object.assign(threads, { parentPort: null, workerData: null })
  syncBuiltinESMExports()
}

/**
 * Where Node's permissions keep a session from files and programs, close the ways around them: a worker thread can be
 * started without permissions, signals could end the processes that watch over this one, and whoever connects to the
 * kernel's own socket for outputs reads each test there.
 */
export function closeDoors(): void {
  if (!("permission" in process)) return
  refuse(threads, "Worker", "start threads")
  refuse(net.Socket.prototype, "connect", "open connections")
  refuse(dgram.Socket.prototype, "send", "send packets")
  refuse(process, "kill", "send signals")
  refuse(process, "_kill", "send signals")
  syncBuiltinESMExports()
}

function refuse(from: object, name: string, what: string): void {
  const value = function refused(): never {
    throw new Error(`A notebook that is being graded may not ${what}.`)
  }
  Object.defineProperty(from, name, { value, writable: false, configurable: false })
}
