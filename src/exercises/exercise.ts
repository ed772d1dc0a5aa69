/** Seeded questions whose answers come from running the machine. */

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
}

/** What the student is told. */
export interface Feedback {
  /** Whether the answer earns the points. */
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
  /** A heading for people, in a few words. */
  readonly title: string
  /** Seeds are whole numbers from 0 to 2^31-1. */
  ask(seed: number): Question
  /**
   * Check an answer to the question of a seed. The answer is text as it was typed or chosen; any text may come,
   * and what cannot be read is not right.
   */
  check(seed: number, answer: string): Feedback
}
