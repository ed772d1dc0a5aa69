import { parentPort, workerData } from "node:worker_threads"
import type { Converter } from "../../convert/converter"
import { messageOf } from "../../display/bundle"
import { answerWith, type Question } from "../../prepared"
import type { CompilerStart, FromCompiler } from "./compiler"
import { createNodeConverter } from "./node-converter"

/** The thread in which the compiler works. */
const { folder, knowledge } = workerData as CompilerStart
let converter: Converter | undefined

/** A converter is warm when it has converted something. */
function start(known: CompilerStart["knowledge"]): Converter {
  converter = createNodeConverter(folder, known)
  converter.convert("0")
  return converter
}

function answered(converter: Converter, question: Question): FromCompiler {
  try {
    return { content: answerWith(converter, question), knowledge: converter.knowledge }
  } catch (error) {
    return { problem: messageOf(error), knowledge: converter.knowledge }
  }
}

parentPort?.on("message", (question: Question | { kind: "forget" }) => {
  if (question.kind === "forget") converter = undefined
  else parentPort?.postMessage(answered(converter ?? start(undefined), question))
})
start(knowledge)
