import { AsyncLocalStorage } from "node:async_hooks"
import { types } from "node:util"
import { type MessagePort, parentPort, workerData } from "node:worker_threads"
import { createTslab } from "../../display/tslab"
import type { FromSession } from "../../protocol"
import type { Cell } from "../../run/cell"
import { createHooks } from "../../run/hooks"
import type { Platform } from "../../run/platform"
import { Session } from "../../session"
import { installChangeFolder } from "../asking/folder"
import { createRead, type InputLine, installInput } from "../asking/input"
import { closeDoors, hideLine } from "../doors/doors"
import { BrokenOff, expectBreak, followAgain } from "../process/break-off"
import { installConsole } from "./console"
import { inspectPlainly } from "./inspect"
import { evaluate, NodeModules } from "./modules"
import { installStacks } from "./stacks"
import { installTimers } from "./timers"

/** What a worker thread talks through. */
export const port = parentPort as MessagePort

/** A session in this worker thread, and what it stands on. */
interface Started {
  readonly session: Session
  readonly platform: Platform
  readonly modules: NodeModules
}

/** What a thread for cells is started with. */
export interface SessionStart {
  /** Where the notebook lies, with forward slashes. */
  readonly folder: string
  /** See `Hooks`. */
  readonly flag: Int32Array
  readonly line: InputLine
  /** See `installChangeFolder`. */
  readonly moved: Int32Array
}

/** Starts a session in this worker thread. Called once, before any cell. */
export function startSession(): Started {
  const { folder, flag, line, moved } = workerData as SessionStart
  const cells = new AsyncLocalStorage<Cell>()
  const hooks = createHooks(flag, () => cells.getStore())
  const modules = new NodeModules(folder, hooks, () => cells.getStore())
  const platform = createPlatform(cells, hooks, modules)
  const session = new Session(platform)
  modules.define("tslab", createTslab(session.publisher, versions()))
  installConsole(session.publisher)
  installInput(createRead(session.publisher, line, hooks, (question) => port.postMessage(question)))
  installTimers(() => cells.getStore())
  installChangeFolder((question) => port.postMessage(question), moved)
  installStacks(session.tracebacks)
  hearErrors(session, cells)
  expectBreak(cells)
  hideLine()
  closeDoors()
  return { session, platform, modules }
}

const versions = () => ({
  typescript: require("typescript/package.json").version as string,
  node: process.version,
})

function createPlatform(
  cells: AsyncLocalStorage<Cell>,
  hooks: Platform["hooks"],
  modules: NodeModules,
): Platform {
  const soon = setImmediate // taken before cells can reach the global one
  return {
    post: (message: FromSession) => port.postMessage(message),
    hooks,
    evaluate,
    runIn: (cell, work) => cells.run(cell, work),
    currentCell: () => cells.getStore(),
    turn: () => new Promise((resolve) => soon(resolve)),
    inspect: inspectPlainly,
    isProxy: types.isProxy,
    modules,
  }
}

function hearErrors(session: Session, cells: AsyncLocalStorage<Cell>): void {
  const soon = setImmediate
  process.on("uncaughtException", (error) => {
    if (error instanceof BrokenOff) soon(() => followAgain(cells))
    else session.uncaught(error, false)
  })
  process.on("unhandledRejection", (error) => session.uncaught(error, true))
  process.on("rejectionHandled", () => session.handledLate())
}
