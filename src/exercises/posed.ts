/**
 * How an exercise is made: a function poses a question from seeded choices, with the answer that the machine gave, the
 * rule behind it, and the answers that known misconceptions lead to. Asking and checking follow from that.
 */
import { type Random, random } from "../numbers/random"
import type { AnswerForm, DecidingRun, Exercise, Feedback, Question } from "./exercise"

/** A wrong answer that shows how somebody thinks. Where several thoughts lead to one answer, each is told; the first one counts. */
export interface Slip {
  /** What one who thinks so answers. Where that is the right answer, the slip does not count. */
  readonly answer: string | number
  /** Its name, in words joined by hyphens: "fault-as-trap". */
  readonly misconception: string
  /** Tells where the thought goes wrong, and not what is right: it is the hint after a first miss. */
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
  /** What happened in the run, for one who has answered rightly, or asks for the solution. */
  readonly because: string
  /** Where to look, for one whose first miss shows no known thought: a sentence or two that leave the work to do. */
  readonly look?: string
  /** The rule to think of, with the manual's section, after a second miss. It must be the same whatever the answer is. */
  readonly rule: string
  readonly slips: readonly Slip[]
  /** Makes the run that decides about an answer, at the step that does. */
  readonly run?: (answer: string | number) => DecidingRun
}

/** Make an exercise. `pose` must depend on its choices alone, so that a seed always gives the same question. */
export function posedExercise(name: string, title: string, pose: (random: Random) => Posed): Exercise {
  const posed = (seed: number) => pose(random(seed))
  return {
    name,
    title,
    ask: (seed) => questionOf(posed(seed), name, seed),
    check(seed, answer) {
      const question = posed(seed)
      return unreadable(question.form, answer) ?? judge(question, readAnswer(question.form, answer))
    },
    solve(seed) {
      const { answer, because } = posed(seed)
      return { answer: written(answer), text: because }
    },
    run(seed, answer) {
      const { form, run } = posed(seed)
      if (!run || unreadable(form, answer)) throw new RangeError(`there is no run for the answer "${answer}"`)
      return run(readAnswer(form, answer))
    },
  }
}

function questionOf({ text, listing, form, run }: Posed, exercise: string, seed: number): Question {
  const program = listing === undefined ? {} : { listing }
  return { exercise, seed, text, ...program, form, offers: run ? ["solution", "run"] : ["solution"] }
}

/** As a student would write it: what has one digit in decimal, other numbers in hexadecimal. */
function written(answer: string | number): string {
  if (typeof answer === "string") return answer
  return answer < 10 ? String(answer) : `0x${answer.toString(16).toUpperCase()}`
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
  counts: false,
  text: `“${answer.slice(0, LONGEST)}” ${why}.`,
})

const readAnswer = (form: AnswerForm, answer: string) =>
  form.kind === "number" ? (readNumber(answer) as number) : answer.trim()

/** For one who shows no known thought, where the exercise says nothing of its own. */
const LOOK =
  "The machine did something else. Follow it one step after the other, and ask at each what the processor looks at before it goes on."

function judge(posed: Posed, answer: string | number): Feedback {
  const { answer: right, because, look = LOOK, rule, slips } = posed
  if (answer === right) return { right: true, text: because }
  const thoughts = slips.filter((slip) => slip.answer === answer)
  if (thoughts.length === 0) return { right: false, text: look, rule }
  const texts = new Set(thoughts.map(({ text }) => text))
  return { right: false, text: [...texts].join("\n\n"), rule, misconception: thoughts[0].misconception }
}
