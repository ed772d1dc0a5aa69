/**
 * Answers what the page asks: replays recordings, runs experiments, asks and checks exercises. A browser worker is a few
 * lines of glue around this; nothing here knows of workers. Requests are plain data from untrusted notebooks, so whatever
 * is wrong with one ends as a sentence.
 */
import { LessonAnswers } from "./lessons/answers"
import type { Lessons } from "./lessons/lesson"
import { LESSONS } from "./lessons/loaders"
import type { Classification } from "./theory/classification"
import { classify } from "./theory/ia32/classify"
import { provisional } from "./theory/ia32/recheck"
import type { Answer, Request } from "./views/player"
import { type Breathe, RecordingAnswers } from "./views/recording-answers"
import { recordWitness } from "./views/witness"

type Post = (answer: Answer) => void
type RequestOf<Do extends Request["do"]> = Extract<Request, { do: Do }>

/** What the page talks to. */
export interface Player {
  /**
   * Handle one request; answers go to `post`, the last of them with the request's `id`. It is answered before this returns
   * where nothing is to be loaded and `breathe` lets nobody in between; a newer question of the same recording overtakes the
   * older, which is answered `cancelled`. Experiments of one lesson begin in the order of the requests.
   * @returns resolved when all is answered; never rejected
   */
  handle(request: Request, post: Post): Promise<void>
}

/** What is around a player. */
export interface PlayerOptions {
  /** Lets other requests in while a replay or an experiment takes long; if not said, none come in. */
  readonly breathe?: Breathe
  /** The lessons that can be asked for; all of ours if not said. */
  readonly lessons?: Lessons
}

/** A player with no recordings open. */
export function createPlayer({ breathe = () => undefined, lessons = LESSONS }: PlayerOptions = {}): Player {
  const parts = { recordings: new RecordingAnswers(breathe), lessons: new LessonAnswers(lessons, breathe) }
  return {
    async handle(request, post) {
      const { id } = request
      if (request.do === "cancel") {
        parts.recordings.cancel(id)
        parts.lessons.cancel(id)
        return
      }
      try {
        const given = answer(request, parts, post)
        const last = given instanceof Promise ? await given : given
        post(last ?? { id, is: "cancelled" })
      } catch (reason) {
        const why = reason instanceof Error ? reason.message : String(reason)
        post({ id, is: "sorry", sentence: `This cannot be done: ${why}` })
      }
    },
  }
}

interface Parts {
  readonly recordings: RecordingAnswers
  readonly lessons: LessonAnswers
}

/** @returns undefined, or a promise of it, if the answer is not wanted any more */
function answer(
  request: Exclude<Request, { do: "cancel" }>,
  { recordings, lessons }: Parts,
  post: Post,
): Answer | undefined | Promise<Answer | undefined> {
  const { id } = request
  switch (request.do) {
    case "open":
    case "frame":
    case "find":
    case "close":
      return recordings.answer(request, post)
    case "describe":
    case "experiment":
    case "ask":
    case "check":
    case "solve":
    case "decide":
      return lessons.answer(request, post)
    case "classify":
      return { id, is: "classified", classification: search(request, post) }
    case "recheck":
      return { id, is: "classified", classification: provisional(request.forms, request.conditions) }
    case "witness":
      return { id, is: "witnessed", ...recordWitness(request.witness) }
  }
}

function search({ id, conditions, states }: RequestOf<"classify">, post: Post): Classification {
  const progress = (done: number, of: number): void => post({ id, is: "progress", done, of })
  return classify(conditions, { states, progress })
}
