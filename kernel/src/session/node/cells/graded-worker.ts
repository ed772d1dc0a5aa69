import { NotebookModule } from "../../display/notebook"
import type { ToWorker } from "../../prepared"
import { BrokenOff } from "../process/break-off"
import { port, startSession } from "./start"

/** The session of one graded cell, in a worker thread of its own that ends with the cell. */
const { session, platform, modules } = startSession()
const notebook = new NotebookModule(platform, session.publisher)
modules.define("notebook", notebook.exports)

port.on("message", (message: ToWorker) => {
  if (message.kind === "interrupt") session.interrupt()
  else if (message.kind === "broken-off") throw new BrokenOff()
  else if (message.kind === "answered") notebook.receive(message)
  else if (message.kind !== "rest") void session.handle(message)
})
modules.require("ringlab")
platform.post({ kind: "ready" })
