import { AsyncLocalStorage } from "node:async_hooks"
import { dirname, join } from "node:path"
import { type MessagePort, parentPort, workerData } from "node:worker_threads"
import { type Converter, createConverter } from "../convert/converter"
import { createTslab } from "../display/tslab"
import type { FromSession, ToSession } from "../protocol"
import type { Cell } from "../run/cell"
import { createHooks } from "../run/hooks"
import type { Platform } from "../run/platform"
import { Session } from "../session"
import { installConsole } from "./console"
import { inspectPlainly } from "./inspect"
import { evaluate, NodeModules } from "./modules"
import { installTimers } from "./timers"

/** The session in a worker thread of Node: the only file that knows both. */
const folder = process.cwd().replaceAll("\\", "/")
const cells = new AsyncLocalStorage<Cell>()
const port = parentPort as MessagePort

/** Taken before cells can reach the global one. */
const soon = setImmediate

const hooks = createHooks(workerData.flag as Int32Array, () => cells.getStore())
const modules = new NodeModules(folder, hooks)

const platform: Platform = {
  post: (message: FromSession) => port.postMessage(message),
  hooks,
  evaluate,
  runIn: (cell, work) => cells.run(cell, work),
  currentCell: () => cells.getStore(),
  turn: () => new Promise((resolve) => soon(resolve)),
  inspect: inspectPlainly,
  modules,
}

function createNodeConverter(): Converter {
  const kernelFile = __filename.replaceAll("\\", "/")
  const types = dirname(dirname(require.resolve("@types/node/package.json"))).replaceAll("\\", "/")
  const tslabTypes = join(dirname(__dirname), "display", "tslab.d.ts").replaceAll("\\", "/")
  return createConverter(folder, types, { kernelFile, tslabTypes })
}

const converter = createNodeConverter()
const session = new Session(platform, converter)
modules.define("tslab", createTslab(session.publisher, process.version))
installConsole(session.publisher)
installTimers(() => cells.getStore()?.stopped === true)
process.on("uncaughtException", (error) => session.uncaught(error, false))
process.on("unhandledRejection", (error) => session.uncaught(error, true))
process.on("rejectionHandled", () => session.handledLate())

port.on("message", (message: ToSession) => {
  if (message.kind === "interrupt") session.interrupt()
  else void session.handle(message)
})
converter.convert("0")
platform.post({ kind: "ready" })
