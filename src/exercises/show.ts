/** An exercise as a cell's value. */
import { VERSION } from "../version"
import { type ExerciseOutput, MIME_TYPE } from "../views/output"
import { DISPLAY, INSPECT, type MimeBundle, type Shown } from "../views/show"
import { type ExerciseName, exerciseNamed } from "./catalogue"
import type { Exercise, Feedback, Question } from "./exercise"

/** A question that shows itself, and checks answers. */
export class AskedExercise implements Shown {
  /** What is asked: plain data. */
  readonly question: Question

  constructor(
    private readonly exercise: Exercise,
    seed: number,
  ) {
    this.question = exercise.ask(seed)
  }

  /** Check an answer: the text of an option, a number, or lines of text. As a cell's value it is a sentence. */
  check(answer: string | number): Feedback {
    return new Checked(this.exercise.check(this.question.seed, String(answer)))
  }

  [DISPLAY](): MimeBundle {
    const { name } = this.exercise
    const output: ExerciseOutput = {
      kind: "exercise",
      core: VERSION,
      exercise: name,
      seed: this.question.seed,
    }
    return { [MIME_TYPE]: output, "text/markdown": this.markdown(), "text/plain": this[INSPECT]() }
  }

  [INSPECT](): string {
    const { text, listing, form } = this.question
    const options = form.kind === "choice" ? form.options.map((option) => `  - ${option}`) : []
    return [`Exercise: ${this.exercise.title}`, text, ...(listing ? [listing] : []), ...options].join("\n\n")
  }

  private markdown(): string {
    const { text, listing, form } = this.question
    const options = form.kind === "choice" ? [form.options.map((option) => `- ${option}`).join("\n")] : []
    const program = listing ? [`\`\`\`nasm\n${listing}\n\`\`\``] : []
    return [`**Exercise: ${this.exercise.title}**`, text, ...program, ...options].join("\n\n")
  }
}

/** Feedback that reads as a sentence in a cell. */
class Checked implements Feedback, Shown {
  declare readonly right: boolean
  declare readonly text: string

  constructor(feedback: Feedback) {
    Object.assign(this, feedback)
  }

  [DISPLAY](): MimeBundle {
    return { "text/markdown": `**${this.verdict}** ${this.text}`, "text/plain": this[INSPECT]() }
  }

  [INSPECT](): string {
    return `${this.verdict} ${this.text}`
  }

  private get verdict(): string {
    return this.right ? "Right." : "Not yet."
  }
}

/**
 * Ask an exercise. As a cell's value it shows the question, checks answers at once, and has others to offer.
 * @param seed chooses the question: a whole number from 0 to 2 147 483 647
 * @throws RangeError if there is no such exercise or seed
 */
export function exercise(name: ExerciseName, seed = 1): AskedExercise {
  const HIGHEST = 0x7fff_ffff
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= HIGHEST))
    throw new RangeError(`the seed is ${seed}: it must be a whole number from 0 to ${HIGHEST}`)
  return new AskedExercise(exerciseNamed(name), seed)
}
