import type { Answer, Answered } from "../protocol"
import type { Platform } from "../run/platform"
import type { Publisher } from "./publisher"

/**
 * Ask the notebook for the value of an expression, such as a variable's name or a call of a student's function.
 * It comes as plain data: numbers, text, lists, records, bytes. Of a recording comes what it carries; see `replay`.
 * What the notebook prints on the way is shown as text and changes no grade.
 *
 * A cell that imports this is a graded cell. It runs apart from the notebook, in a session of its own that no other cell
 * can reach, and sees none of the notebook's variables but through this function.
 * @throws AnswerError if the expression fails, or if its value is no plain data
 * @example const sum = await answer("add(2, 3)")
 */
// biome-ignore lint/suspicious/noExplicitAny: whoever writes the check knows what it expects, and checks it
export declare function answer(expression: string): Promise<any>

/** The notebook gives no answer. */
class AnswerError extends Error {
  override readonly name = "AnswerError"
}

/** @internal The module `notebook` of one graded cell, and where its answers come in. */
export class NotebookModule {
  private readonly waiting = new Map<string, (answered: Answered) => void>()

  constructor(
    private readonly platform: Platform,
    private readonly publisher: Publisher,
  ) {}

  /** What the cell imports. */
  readonly exports = {
    answer: async (expression: string): Promise<unknown> => {
      const { answer, printed } = await this.ask(String(expression))
      this.publisher.print("stdout", printed)
      return received(answer, expression)
    },
  }

  receive(answered: Answered): void {
    this.waiting.get(answered.question)?.(answered)
    this.waiting.delete(answered.question)
  }

  private ask(expression: string): Promise<Answered> {
    const question = crypto.randomUUID() // a late answer to another graded cell is none to this
    this.platform.post({ kind: "asked", question, expression })
    return new Promise((resolve) => this.waiting.set(question, resolve))
  }
}

function received(answer: Answer, expression: string): unknown {
  if ("value" in answer) return answer.value
  throw new AnswerError(`The notebook has no answer to “${expression}”. ${answer.problem}`)
}
