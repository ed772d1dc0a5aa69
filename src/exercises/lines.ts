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

/** The lines between the labels `FIRST_LINE` and `LAST_LINE`. @throws AssemblyError if there is a mistake in them */
export const stageOf = (answer: string) => new Stage(`${FIRST_LINE}:\n${answer}\n${LAST_LINE}:\n  nop`)

/** A register or memory: lines that name neither find nothing out. */
const OPERAND = /\[|\b(?:e?[abcd]x|[abcd][hl]|e?(?:si|di|bp))\b/i

/**
 * Judge the lines on a stage; or tell the first mistake in them.
 * @param rule for whoever has missed again
 */
export function checkLines(answer: string, rule: string, judge: (stage: Stage) => Feedback): Feedback {
  const said = sayOf(answer, judge)
  if (said.right || said.counts === false) return said
  return OPERAND.test(answer) ? { ...said, rule } : { ...said, counts: false }
}

function sayOf(answer: string, judge: (stage: Stage) => Feedback): Feedback {
  if (answer.trim() === "") return { ...wrong("Write at least one line of assembly."), counts: false }
  try {
    return judge(stageOf(answer))
  } catch (reason) {
    if (!(reason instanceof AssemblyError)) throw reason
    const [{ line, message, expected }] = reason.mistakes
    const LABEL_LINE = 1
    const said = `Line ${line - linesBefore() - LABEL_LINE} cannot be assembled: ${message}; ${expected}`
    return { ...wrong(/[?…]$/.test(said) ? said : `${said}.`), counts: false }
  }
}

/** Whether the runs of some lines ended alike in all registers: then the lines looked at nothing that differs. */
export const alike = ([first, ...others]: readonly Int32Array[]) =>
  others.every((registers) => registers.join() === first.join())
