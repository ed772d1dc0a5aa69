/**
 * Exercises in which a student's function is the monitor. The guest and its machine are the exercise's own: at each exit the function is
 * called with plain data and gives plain data. So it may be a function in the same cell, or, in a graded cell, one in the notebook, which
 * is asked for each exit by an expression; what it does to its own copy of anything changes no verdict.
 */
import { stopRequested } from "../../../numbers/host"
import { type Random, random } from "../../../numbers/random"
import { DISPLAY, INSPECT, type MimeBundle, type Shown } from "../../../views/show"
import type { Feedback } from "../../exercise"
import { wrong } from "../../lines"

/** Something to ask a student's function: its arguments, plain data. */
export interface Call {
  readonly args: readonly unknown[]
}

/** What came of it: what the function gave, and its arguments, which it may have changed. */
export interface Returned {
  readonly value: unknown
  // biome-ignore lint/suspicious/noExplicitAny: whatever a student's function left there; each check looks at what it reads
  readonly args: readonly any[]
}

/** A check under way: it yields what the function is to be asked, and ends with what to say. */
export type Judging = Generator<Call, Feedback, Returned>

/** A question that is answered with a function. */
export interface PosedTask {
  /** Paragraphs, separated by blank lines. */
  readonly text: string
  /** The function to begin with, as TypeScript. */
  readonly stub: string
  /** Check a function, by asking it. */
  judge(): Judging
}

/** How such an exercise is made. */
export interface TaskKind {
  readonly name: string
  readonly title: string
  readonly pose: (choose: Random) => PosedTask
}

/** A student's function. */
// biome-ignore lint/suspicious/noExplicitAny: each exercise says in its question what its function is called with
export type StudentsFunction = (...args: any[]) => unknown

/** An exercise that is answered with a function: it shows its question, and checks functions. */
export class MonitorTask implements Shown {
  /** The question: text, and the function to begin with. */
  readonly question: Pick<PosedTask, "text" | "stub">
  private readonly posed: PosedTask

  constructor(
    private readonly kind: TaskKind,
    /** Chooses the question among those of its exercise. */
    readonly seed: number,
  ) {
    this.posed = kind.pose(random(seed))
    this.question = { text: this.posed.text, stub: this.posed.stub }
  }

  /**
   * Check a function of this cell or of one before.
   * @throws Error if the notebook's host wants the cell to stop
   */
  check(solution: StudentsFunction): Feedback {
    const judging = this.posed.judge()
    let next = judging.next()
    while (!next.done) {
      if (stopRequested()) throw new Error("the check was interrupted before it came to its end")
      try {
        next = judging.next(called(solution, next.value))
      } catch (problem) {
        return thrown(problem)
      }
    }
    return next.value
  }

  /**
   * Check a function of the notebook's from a graded cell. It is asked for each exit.
   * @param answer the function of that name from the module "notebook"
   * @param name of the student's function
   * @example grade(await monitorTask("trap-and-emulate/emulate", 5).checkAnswer(answer, "emulate"), 3)
   */
  async checkAnswer(answer: (expression: string) => Promise<unknown>, name: string): Promise<Feedback> {
    const judging = this.posed.judge()
    let next = judging.next()
    while (!next.done) {
      try {
        next = judging.next(returned(await answer(expressionOf(name, next.value))))
      } catch (problem) {
        return thrown(problem, expressionOf(name, next.value as Call))
      }
    }
    return next.value
  }

  [DISPLAY](): MimeBundle {
    const { text, stub } = this.question
    const markdown = [`**Exercise: ${this.kind.title}**`, text, `\`\`\`ts\n${stub}\n\`\`\``].join("\n\n")
    return { "text/markdown": markdown, "text/plain": this[INSPECT]() }
  }

  [INSPECT](): string {
    const { text, stub } = this.question
    return [`Exercise: ${this.kind.title}`, text, stub].join("\n\n")
  }
}

/** Call a function of this process with copies. */
function called(solution: StudentsFunction, { args }: Call): Returned {
  const own = JSON.parse(JSON.stringify(args))
  return { value: solution(...own), args: own }
}

/** The same as an expression for another process: parsed there, the arguments have no types that the function could have otherwise. */
const expressionOf = (name: string, { args }: Call): string =>
  `((args) => ({ value: ${name}.apply(undefined, args), args }))(JSON.parse(${JSON.stringify(JSON.stringify(args))}))`

function returned(data: unknown): Returned {
  const { value, args } = (data ?? {}) as Partial<Returned>
  return { value, args: Array.isArray(args) ? args : [] }
}

const LONGEST = 300

/** @param expression what the notebook was asked, which is left out of the sentence */
function thrown(problem: unknown, expression = ""): Feedback {
  const message = String((problem as Error)?.message ?? problem)
  const says = message.replace(` to “${expression}”`, "").slice(0, LONGEST)
  return wrong(`The function did not come to its end: ${says.replace(/\.$/, "")}.`)
}
