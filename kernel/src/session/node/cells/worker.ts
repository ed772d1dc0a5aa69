import type { ToWorker } from "../../prepared"
import { BrokenOff } from "../process/break-off"
import { collectGarbage } from "../process/collect"
import { port, startSession } from "./start"

/** The notebook's session, in a worker thread of Node. */
const { session, platform } = startSession()

port.on("message", (message: ToWorker) => {
  if (message.kind === "interrupt") session.interrupt()
  else if (message.kind === "broken-off") throw new BrokenOff()
  else if (message.kind === "rest") collectGarbage()
  else if (message.kind !== "answered") void session.handle(message)
})
platform.post({ kind: "ready" })
