/** Seeded questions whose answers come from running the machine. */
import type { RecordingOutput, WitnessOutput } from "../views/output"

/** What the student is asked to give. */
export type AnswerForm =
  | {
      /** One of a few texts. */
      readonly kind: "choice"
      /** The texts, as they are shown and as `check` takes them. */
      readonly options: readonly string[]
    }
  | {
      /** A whole number; decimal, or hexadecimal with 0x or a trailing h. */
      readonly kind: "number"
      /** Stands behind the number: "(0 to 3)", "offenders"; empty for a plain number. */
      readonly unit: string
    }
  | {
      /** A few lines of assembly or text. */
      readonly kind: "text"
      /** How many lines the field shows; more may be typed. */
      readonly rows: number
    }

/** One question, plain data. */
export interface Question {
  /** The name of the exercise that asks: "rings/iopl". */
  readonly exercise: string
  /** Chooses the question among those of its exercise, 0 to 2^31-1: the same seed asks the same again. */
  readonly seed: number
  /** The question, a paragraph or more separated by blank lines. */
  readonly text: string
  /** A program to read, in assembly. */
  readonly listing?: string
  /** What an answer looks like. */
  readonly form: AnswerForm
  /** What there is beside a verdict, for one who has tried; nothing if not said. */
  readonly offers?: readonly ("solution" | "run")[]
}

/** What the student is told. */
export interface Feedback {
  /** Whether the answer earns the points. */
  readonly right: boolean
  /** Of a right answer: what happened in the run. Of another: where it went wrong, or where to look; never the solution. */
  readonly text: string
  /** The rule to think of, for one who has missed again. It does not tell the solution, either. */
  readonly rule?: string
  /** The name of the misconception, if the answer shows a known one. */
  readonly misconception?: string
  /** That this was no honest try: it could not be read, or looks at nothing that was asked for. It brings nobody nearer the solution. */
  readonly counts?: false
}

/** The right answer, for whoever has given up. */
export interface Solution {
  /** As it may be typed or chosen; of several right ones an example. */
  readonly answer: string
  /** Why it is right, from the run. */
  readonly text: string
}

/** The run behind an answer: a recording at the step that decides, or a witness' two runs. */
export type DecidingRun = RecordingOutput | WitnessOutput

/** An exercise makes a question for every seed and checks answers to it. */
export interface Exercise {
  /** "rings/privileged" … : lesson, slash, name. */
  readonly name: string
  /** A heading for people, in a few words. */
  readonly title: string
  /** Seeds are whole numbers from 0 to 2^31-1. */
  ask(seed: number): Question
  /**
   * Check an answer to the question of a seed. The answer is text as it was typed or chosen; any text may come,
   * and what cannot be read is not right.
   */
  check(seed: number, answer: string): Feedback
  /** Solve the question of a seed. An exercise has this if its questions offer a solution. */
  solve?(seed: number): Solution
  /**
   * Make the run that decides about an answer to the question of a seed. An exercise has this if its questions offer a run.
   * @throws RangeError if there is none for this answer
   */
  run?(seed: number, answer: string): DecidingRun
}
