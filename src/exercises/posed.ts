/**
 * How an exercise is made: a function poses a question from seeded choices, with the answer that the machine gave, the
 * rule behind it, and the answers that known misconceptions lead to. Asking and checking follow from that.
 */
import { type Random, random } from "../numbers/random"
import type { AnswerForm, Exercise, Feedback } from "./exercise"

/** A wrong answer that shows how somebody thinks. Where several thoughts lead to one answer, each is told; the first one counts. */
export interface Slip {
  /** What one who thinks so answers. Where that is the right answer, the slip does not count. */
  readonly answer: string | number
  /** Its name, in words joined by hyphens: "fault-as-trap". */
  readonly misconception: string
  /** Tells where the thought goes wrong. */
  readonly text: string
}

/** A question with its answer. */
export interface Posed {
  /** Paragraphs, separated by blank lines. */
  readonly text: string
  /** A program to read. */
  readonly listing?: string
  readonly form: AnswerForm
  /** The right answer: an option, or a number. It comes from running the machine. */
  readonly answer: string | number
  /** What happened in the run, for one who has answered rightly. */
  readonly because: string
  /** The rule to think of, with the manual's section, for one who has not. */
  readonly rule: string
  readonly slips: readonly Slip[]
}

/** Make an exercise. `pose` must depend on its choices alone, so that a seed always gives the same question. */
export function posedExercise(name: string, title: string, pose: (random: Random) => Posed): Exercise {
  return {
    name,
    title,
    ask(seed) {
      const { text, listing, form } = pose(random(seed))
      return { exercise: name, seed, text, ...(listing === undefined ? {} : { listing }), form }
    },
    check(seed, answer) {
      const posed = pose(random(seed))
      return unreadable(posed.form, answer) ?? judge(posed, readAnswer(posed.form, answer))
    },
  }
}

/** Wholly decimal, or hexadecimal as 0x2A or 2Ah. */
const NUMBER = /^(?:0x([0-9a-f]+)|([0-9a-f]+)h|(\d+))$/i

/** The number that a student wrote, or undefined: decimal, or hexadecimal as 0x2A or 2Ah; spaces do not matter. */
export function readNumber(answer: string): number | undefined {
  const [, prefixed, suffixed, decimal] = NUMBER.exec(answer.replace(/\s/g, "")) ?? []
  if (decimal !== undefined) return Number(decimal)
  const digits = prefixed ?? suffixed
  return digits === undefined ? undefined : Number.parseInt(digits, 16)
}

/** A sentence if the answer cannot be read: that says nothing about how somebody thinks. */
function unreadable(form: AnswerForm, answer: string): Feedback | undefined {
  if (form.kind === "number" && readNumber(answer) === undefined)
    return sorry(answer, "is no number; write it in decimal, or in hexadecimal as 0x2A or 2Ah")
  if (form.kind === "choice" && !form.options.includes(answer.trim()))
    return sorry(answer, `is none of the options: ${form.options.join("; ")}`)
  return undefined
}

const LONGEST = 40
const sorry = (answer: string, why: string): Feedback => ({
  right: false,
  text: `“${answer.slice(0, LONGEST)}” ${why}.`,
})

const readAnswer = (form: AnswerForm, answer: string) =>
  form.kind === "number" ? (readNumber(answer) as number) : answer.trim()

function judge({ answer: right, because, rule, slips }: Posed, answer: string | number): Feedback {
  if (answer === right) return { right: true, text: because }
  const thoughts = slips.filter((slip) => slip.answer === answer)
  if (thoughts.length === 0) return { right: false, text: rule }
  const texts = new Set([...thoughts.map(({ text }) => text), rule])
  return { right: false, text: [...texts].join("\n\n"), misconception: thoughts[0].misconception }
}
