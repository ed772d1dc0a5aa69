/** Seeded questions whose answers come from running the machine. */

/** What the student is asked to give. */
export type AnswerForm =
  | { readonly kind: "choice"; readonly options: readonly string[] }
  /** A whole number; decimal, or hexadecimal with 0x or a trailing h. */
  | { readonly kind: "number"; readonly unit: string }
  /** A few lines of assembly or text. */
  | { readonly kind: "text"; readonly rows: number }

/** One question, plain data. */
export interface Question {
  readonly exercise: string
  readonly seed: number
  /** The question, a paragraph or more separated by blank lines. */
  readonly text: string
  /** A program to read, in assembly. */
  readonly listing?: string
  readonly form: AnswerForm
}

/** What the student is told. */
export interface Feedback {
  readonly right: boolean
  /** Names the rule, and says where the answer went wrong. */
  readonly text: string
  /** The name of the misconception, if the answer shows a known one. */
  readonly misconception?: string
}

/** An exercise makes a question for every seed and checks answers to it. */
export interface Exercise {
  /** "rings/privileged" … : lesson, slash, name. */
  readonly name: string
  readonly title: string
  /** Seeds are whole numbers from 0 to 2^31-1. */
  ask(seed: number): Question
  check(seed: number, answer: string): Feedback
}
