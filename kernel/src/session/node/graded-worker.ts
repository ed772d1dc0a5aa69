import { NotebookModule } from "../display/notebook"
import type { Answered, ExecuteRequest, Interrupt } from "../protocol"
import { type PlainConversion, PreparedConverter } from "./prepared"
import { port, startSession } from "./start"

/** A graded cell that has been converted. */
interface PreparedRequest extends ExecuteRequest {
  readonly conversion: PlainConversion
}

/** The session of one graded cell, in a worker thread of its own that ends with the cell. */
const converter = new PreparedConverter()
const { session, platform, modules } = startSession(converter, __dirname.replaceAll("\\", "/"))
const notebook = new NotebookModule(platform, session.publisher)
modules.define("notebook", notebook.exports)

port.on("message", (message: PreparedRequest | Interrupt | Answered) => {
  if (message.kind === "interrupt") session.interrupt()
  else if (message.kind === "answered") notebook.receive(message)
  else {
    converter.take(message.conversion)
    void session.handle(message)
  }
})
modules.require("ringlab")
platform.post({ kind: "ready" })
