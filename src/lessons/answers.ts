/** Answers what the page asks of lessons: loads the lesson first, and runs experiments so that they can be cancelled. */
import type { Exercise } from "../exercises/exercise"
import type { Experiment, Progress } from "../experiments/experiment"
import { inSlices, runOf } from "../experiments/run"
import { valuesOf } from "../experiments/values"
import { named } from "../numbers/named"
import type { Answer, Request } from "../views/player"
import { type Lessons, lessonOf } from "./lesson"

type RequestOf<Do extends Request["do"]> = Extract<Request, { do: Do }>
type LessonRequest = RequestOf<"describe" | "experiment" | "ask" | "check">

/**
 * Called often while an experiment runs. To let other requests in, such as its cancelling, it gives a promise: the run goes on
 * when that is resolved.
 */
export type Breathe = () => Promise<void> | undefined

export class LessonAnswers {
  constructor(
    private readonly lessons: Lessons,
    private readonly breathe: Breathe,
  ) {}

  /** @throws what is wrong with the request, or that its lesson cannot be loaded */
  async answer(request: LessonRequest, post: (answer: Answer) => void): Promise<Answer> {
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
    }
  }

  /** An experiment's result is wanted no more, be it that it runs or that its lesson is being loaded. */
  cancel(id: number): void {
    this.wanted.delete(id)
  }

  private async run(
    { id, experiment: name, values }: RequestOf<"experiment">,
    post: (answer: Answer) => void,
  ): Promise<Answer> {
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
      return result ? { id, is: "result", result } : { id, is: "cancelled" }
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
