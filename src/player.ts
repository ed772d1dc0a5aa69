/**
 * Answers what the page asks: replays recordings, runs experiments, asks and checks exercises. A browser worker is a few
 * lines of glue around this; nothing here knows of workers. Requests are plain data from untrusted notebooks, so whatever
 * is wrong with one ends as a sentence.
 */
import { type Breathe, LessonAnswers } from "./lessons/answers"
import type { Lessons } from "./lessons/lesson"
import { LESSONS } from "./lessons/loaders"
import { MARK_KINDS } from "./machine/events/marks"
import { hashOf } from "./machine/time/recording"
import { type Builder, Replay } from "./machine/time/replay"
import { rebuild } from "./parts"
import type { Classification } from "./theory/classification"
import { classify } from "./theory/ia32/classify"
import { provisional } from "./theory/ia32/recheck"
import { VERSION } from "./version"
import { checkCarried, Damaged, NotHere } from "./views/carried"
import type { Listing } from "./views/context"
import { TooLarge } from "./views/limits"
import type { Output } from "./views/output"
import type { Answer, Request } from "./views/player"
import { type CarriedRecording, frameAt, timelineOf, unpack } from "./views/record"
import { recordWitness } from "./views/witness"

interface Opened {
  readonly replay: Replay
  readonly listing: Listing | undefined
}

type Post = (answer: Answer) => void
type RequestOf<Do extends Request["do"]> = Extract<Request, { do: Do }>

/** What the page talks to. */
export interface Player {
  /**
   * Handle one request; answers go to `post`, the last of them with the request's `id`. What is asked of recordings and
   * classifications is answered before this returns, hence in the order of the requests. Exercises and experiments are
   * answered when their lesson is loaded; those of one lesson begin in the order of the requests.
   * @returns resolved when all is answered; never rejected
   */
  handle(request: Request, post: Post): Promise<void>
}

/** What is around a player. */
export interface PlayerOptions {
  /** Lets other requests in while an experiment runs; if not said, none come in. */
  readonly breathe?: Breathe
  /** The lessons that can be asked for; all of ours if not said. */
  readonly lessons?: Lessons
}

/** A player with no recordings open. */
export function createPlayer({ breathe = () => undefined, lessons = LESSONS }: PlayerOptions = {}): Player {
  const opened = new Map<number, Opened>()
  const ofLessons = new LessonAnswers(lessons, breathe)
  return {
    async handle(request, post) {
      if (request.do === "cancel") return ofLessons.cancel(request.id)
      try {
        const given = answer(request, opened, ofLessons, post)
        post(given instanceof Promise ? await given : given)
      } catch (reason) {
        const why = reason instanceof Error ? reason.message : String(reason)
        post({ id: request.id, is: "sorry", sentence: `This cannot be done: ${why}` })
      }
    },
  }
}

/** What says by itself what is wrong with a recording. */
const TOLD = [Damaged, NotHere, TooLarge]

/** What is found wrong with a recording only when it is played, such as a page that is no base64, is told as damage, too. */
function orDamaged(play: () => Answer): Answer {
  try {
    return play()
  } catch (reason) {
    throw TOLD.some((kind) => reason instanceof kind) ? reason : new Damaged((reason as Error).message)
  }
}

function answer(
  request: Exclude<Request, { do: "cancel" }>,
  opened: Map<number, Opened>,
  ofLessons: LessonAnswers,
  post: Post,
): Answer | Promise<Answer> {
  const { id } = request
  switch (request.do) {
    case "open":
      return orDamaged(() => open(request, opened, post))
    case "frame": {
      const { replay, listing } = need(opened, request.recording)
      const step = Math.max(0, Math.min(Math.trunc(request.step), replay.recorded.steps))
      return orDamaged(() => ({ id, is: "frame", frame: frameAt(replay, step, listing, request.options) }))
    }
    case "find":
      return { id, is: "found", step: find(need(opened, request.recording).replay, request) }
    case "close":
      opened.delete(request.recording)
      return { id, is: "closed" }
    case "describe":
    case "experiment":
    case "ask":
    case "check":
      return ofLessons.answer(request, post)
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

function need(opened: ReadonlyMap<number, Opened>, recording: number): Opened {
  const found = opened.get(recording)
  if (!found) throw new RangeError(`recording ${recording} is not open`)
  return found
}

/** Steps between two progress messages are at least so many runs. */
const PROGRESS_FROM = 500_000

function open(request: RequestOf<"open">, opened: Map<number, Opened>, post: Post): Answer {
  const { id, output } = request
  const { run, listing } = carriedBy(output)
  const replay = new Replay(run, builderFor(output.core))
  const matches = replay.playThrough((done) => {
    if (run.steps >= PROGRESS_FROM) post({ id, is: "progress", done, of: run.steps })
  })
  opened.set(request.recording, { replay, listing: listing && unpack(listing) })
  const timeline = timelineOf(run, replay.marks)
  return {
    id,
    is: "opened",
    timeline,
    ...(matches ? {} : { warning: mismatch(output.core, hashOf(replay.machine), run.hash) }),
  }
}

/** Builds a recording's machine. What another release had, and this one has not, is no damage. */
function builderFor(core: string): Builder {
  return (recorded, journal) => {
    try {
      return rebuild(recorded, journal)
    } catch (reason) {
      throw core === VERSION ? reason : new NotHere((reason as Error).message, core)
    }
  }
}

function carriedBy(output: Output): CarriedRecording {
  if (output.kind !== "recording")
    throw new RangeError(`an output of kind "${output.kind}" holds no recording`)
  return checkCarried(output.recording)
}

function mismatch(core: string, is: string, was: string): string {
  return `The replay does not end where the recording did (${is.slice(0, 8)} instead of ${was.slice(0, 8)}; it was made with ringlab ${core}, this is ${VERSION}): what you see may differ from what happened. Run the cell again.`
}

/** The nearest mark of a kind beyond a step. */
function find({ marks }: Replay, { kind, from, direction }: RequestOf<"find">): number | null {
  const number = MARK_KINDS.indexOf(kind)
  const steps = marks.filter(([, of]) => of === number).map(([step]) => step)
  const step =
    direction === 1
      ? steps.find((candidate) => candidate > from)
      : steps.findLast((candidate) => candidate < from)
  return step ?? null
}
