import type { ToSession } from "../protocol"
import { createNodeConverter } from "./node-converter"
import { port, startSession } from "./start"

/** The notebook's session, in a worker thread of Node. */
const folder = process.cwd().replaceAll("\\", "/")
const converter = createNodeConverter(folder)
const { session, platform } = startSession(converter, folder)

port.on("message", (message: ToSession) => {
  if (message.kind === "interrupt") session.interrupt()
  else if (message.kind !== "answered") void session.handle(message)
})
converter.convert("0")
platform.post({ kind: "ready" })
