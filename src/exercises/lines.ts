/** Exercises whose answer is lines of assembly: they are put on a stage, and judged by what they do there. */
import { linesBefore, Stage } from "../guests/rings"
import { AssemblyError } from "../isa/assemble"
import type { Feedback } from "./exercise"

export const wrong = (text: string, misconception?: string): Feedback => ({
  right: false,
  text,
  ...(misconception ? { misconception } : {}),
})

/** Where the student's lines begin and end: labels that nobody else would think of. */
export const FIRST_LINE = "first_line_of_the_answer"
export const LAST_LINE = "last_line_of_the_answer"

/** Judge the lines on a stage, between its labels `FIRST_LINE` and `LAST_LINE`; or tell the first mistake in them. */
export function checkLines(answer: string, judge: (stage: Stage) => Feedback): Feedback {
  if (answer.trim() === "") return wrong("Write at least one line of assembly.")
  try {
    return judge(new Stage(`${FIRST_LINE}:\n${answer}\n${LAST_LINE}:\n  nop`))
  } catch (reason) {
    if (!(reason instanceof AssemblyError)) throw reason
    const [{ line, message, expected }] = reason.mistakes
    const LABEL_LINE = 1
    const said = `Line ${line - linesBefore() - LABEL_LINE} cannot be assembled: ${message}; ${expected}`
    return wrong(/[?…]$/.test(said) ? said : `${said}.`)
  }
}
