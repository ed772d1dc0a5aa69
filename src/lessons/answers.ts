/** Answers what the page asks of lessons: loads the lesson first, and runs experiments so that they can be cancelled. */
import type { Exercise } from "../exercises/exercise"
import type { Experiment } from "../experiments/experiment"
import { runOf } from "../experiments/run"
import { valuesOf } from "../experiments/values"
import { named } from "../numbers/named"
import { inSlices, type Progress } from "../numbers/slices"
import type { Answer, Request } from "../views/player"
import type { Breathe } from "../views/recording-answers"
import { type Lessons, lessonOf } from "./lesson"

type RequestOf<Do extends Request["do"]> = Extract<Request, { do: Do }>
type LessonRequest = RequestOf<"describe" | "experiment" | "ask" | "check" | "solve" | "decide">

export class LessonAnswers {
  constructor(
    private readonly lessons: Lessons,
    private readonly breathe: Breathe,
  ) {}

  /** @returns undefined if it is not wanted any more @throws what is wrong with the request, or that its lesson cannot be loaded */
  async answer(request: LessonRequest, post: (answer: Answer) => void): Promise<Answer | undefined> {
    const { id } = request
    switch (request.do) {
      case "describe": {
        const { name, title, about, parameters } = await this.experimentNamed(request.experiment)
        return { id, is: "described", experiment: { name, title, about, parameters } }
      }
      case "experiment":
        return this.run(request, post)
      case "ask": {
        const exercise = await this.exerciseNamed(request.exercise)
        return { id, is: "question", question: exercise.ask(request.seed), title: exercise.title }
      }
      case "check": {
        const exercise = await this.exerciseNamed(request.exercise)
        return { id, is: "feedback", feedback: exercise.check(request.seed, request.answer) }
      }
      case "solve": {
        const solution = (await this.exerciseNamed(request.exercise)).solve?.(request.seed)
        if (!solution) throw new RangeError(`${request.exercise} shows no solution`)
        return { id, is: "solution", solution }
      }
      case "decide": {
        const run = (await this.exerciseNamed(request.exercise)).run?.(request.seed, request.answer)
        if (!run) throw new RangeError(`${request.exercise} shows no run`)
        return { id, is: "decided", run }
      }
    }
  }

  /** An experiment's result is wanted no more, be it that it runs or that its lesson is being loaded. */
  cancel(id: number): void {
    this.wanted.delete(id)
  }

  private async run(
    { id, experiment: name, values }: RequestOf<"experiment">,
    post: (answer: Answer) => void,
  ): Promise<Answer | undefined> {
    const pause = (progress: Progress) => {
      const rest = this.breathe()
      if (rest) post({ id, is: "progress", ...progress })
      return rest
    }
    this.wanted.add(id)
    try {
      const experiment = await this.experimentNamed(name)
      const run = runOf(experiment, valuesOf(`experiment "${name}"`, experiment.parameters, values))
      const result = await inSlices(run, pause, () => this.wanted.has(id))
      return result && { id, is: "result", result }
    } finally {
      this.wanted.delete(id)
    }
  }

  private async experimentNamed(name: string): Promise<Experiment> {
    return named("experiment", (await lessonOf(name, this.lessons)).experiments, name)
  }

  private async exerciseNamed(name: string): Promise<Exercise> {
    return named("exercise", (await lessonOf(name, this.lessons)).exercises, name)
  }

  /** The requests of experiments whose result is waited for. */
  private readonly wanted = new Set<number>()
}
