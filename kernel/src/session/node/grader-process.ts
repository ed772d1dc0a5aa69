import type { ToSession } from "../protocol"
import { keep } from "./keeper"
import { createNodeConverter } from "./node-converter"
import { plainConversion } from "./prepared"

/**
 * The process in which graded cells run. The compiler works here, on the thread that runs no cell; each cell has a thread
 * of its own, so that no cell, whoever wrote it, can leave anything behind for the next. Files of the notebook's folder
 * mean nothing here.
 */
const converter = createNodeConverter(__dirname.replaceAll("\\", "/"))

function prepare(message: ToSession): unknown {
  if (message.kind !== "execute") return message
  return { ...message, conversion: plainConversion(converter.convert(message.code)) }
}

keep({ script: require.resolve("./graded-worker"), once: true, prepare })
