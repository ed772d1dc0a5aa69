/**
 * Answers what the page asks of recordings. All share one worker, so a replay goes in slices: others are answered in between,
 * and whoever wants it no more ends it.
 */
import { MARK_KINDS } from "../machine/events/marks"
import { hashOf } from "../machine/time/recording"
import { type Builder, Replay } from "../machine/time/replay"
import { inSlices, type Progress, type Work } from "../numbers/slices"
import { rebuild } from "../parts"
import { VERSION } from "../version"
import { checkCarried, Damaged, NotHere } from "./carried"
import type { Listing } from "./context"
import { TooLarge } from "./limits"
import type { Output } from "./output"
import type { Answer, Request } from "./player"
import { type CarriedRecording, framing, timelineOf, unpack } from "./record"

interface Opened {
  readonly replay: Replay
  readonly listing: Listing | undefined
}

type RequestOf<Do extends Request["do"]> = Extract<Request, { do: Do }>
type RecordingRequest = RequestOf<"open" | "frame" | "find" | "ran" | "close">

/**
 * Called often while something takes long. To let other requests in, such as its cancelling, it gives a promise: the work goes
 * on when that is resolved.
 */
export type Breathe = () => Promise<void> | undefined

/** An answer; undefined if it is not wanted any more. At once, unless the work rested. */
type Given = Answer | undefined | Promise<Answer | undefined>

export class RecordingAnswers {
  constructor(private readonly breathe: Breathe) {}

  /** @throws what is wrong with the request; the promise is rejected with it if that is found later */
  answer(request: RecordingRequest, post: (answer: Answer) => void): Given {
    const { id, recording } = request
    switch (request.do) {
      case "open":
        return this.inTurn(request, this.opening(request), post)
      case "frame":
        return this.inTurn(request, showing(request, this.need(recording)), post)
      case "find":
        return { id, is: "found", step: find(this.need(recording).replay, request) }
      case "ran":
        return this.inTurn(request, finding(request, this.need(recording)), post)
      case "close":
        this.newest.delete(recording)
        this.opened.delete(recording)
        return { id, is: "closed" }
    }
  }

  /** The answer to a request is wanted no more. */
  cancel(id: number): void {
    for (const [recording, newest] of this.newest) if (newest === id) this.newest.delete(recording)
  }

  /** A recording has one machine: a newer question of it overtakes the one that it works on. */
  private inTurn(
    { id, recording }: RecordingRequest,
    work: Work<Answer>,
    post: (answer: Answer) => void,
  ): Given {
    const pause = (progress: Progress) => {
      const rest = this.breathe()
      if (rest) post({ id, is: "progress", ...progress })
      return rest
    }
    this.newest.set(recording, id)
    return inSlices(orDamaged(work), pause, () => this.newest.get(recording) === id)
  }

  private *opening({ id, output, recording }: RequestOf<"open">): Work<Answer> {
    const { run, listing } = carriedBy(output)
    const replay = new Replay(run, builderFor(output.core))
    const matches = yield* replay.playing()
    const unpacked = listing && unpack(listing)
    this.opened.set(recording, { replay, listing: unpacked })
    const warning = matches ? {} : { warning: mismatch(output.core, hashOf(replay.machine), run.hash) }
    return { id, is: "opened", timeline: timelineOf(run, replay.marks, unpacked), ...warning }
  }

  private need(recording: number): Opened {
    const found = this.opened.get(recording)
    if (!found) throw new Refused(`recording ${recording} is not open`)
    return found
  }

  private readonly opened = new Map<number, Opened>()
  /** The newest question that each recording works on, by its id. */
  private readonly newest = new Map<number, number>()
}

function* showing({ id, step, options }: RequestOf<"frame">, { replay, listing }: Opened): Work<Answer> {
  const within = Math.max(0, Math.min(Math.trunc(step), replay.recorded.steps))
  return { id, is: "frame", frame: yield* framing(replay, within, listing, options) }
}

function* finding({ id, address, from, direction }: RequestOf<"ran">, { replay }: Opened): Work<Answer> {
  return { id, is: "found", step: (yield* replay.findingCode(address, from, direction)) ?? null }
}

/** The request makes no sense; no recording is to blame. */
class Refused extends RangeError {}

/** What says by itself what is wrong with a recording. */
const TOLD = [Damaged, NotHere, TooLarge, Refused]

/** What is found wrong with a recording only when it is played, such as a page that is no base64, is told as damage, too. */
function* orDamaged(play: Work<Answer>): Work<Answer> {
  try {
    return yield* play
  } catch (reason) {
    throw TOLD.some((kind) => reason instanceof kind) ? reason : new Damaged((reason as Error).message)
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
  if (output.kind !== "recording") throw new Refused(`an output of kind "${output.kind}" holds no recording`)
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
