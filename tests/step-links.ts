/** Links of a lesson that drive a recording, held against what the recordings in its outputs show. */
import { nearest, readLink } from "../lessons/src/links/link"
import { readOutput } from "../lessons/src/output/read"
import { createPlayer } from "../src/player"
import { RunPicture } from "../src/views/draw/draw"
import { MIME_TYPE, type PairOutput, type RecordingOutput } from "../src/views/output"
import { otherStep } from "../src/views/pair"
import type { Answer, Request } from "../src/views/player"
import type { Frame, Timeline } from "../src/views/view"

/** A notebook that was run, as far as links need it. */
interface RunNotebook {
  readonly cells: readonly {
    readonly cell_type: string
    readonly source: string | readonly string[]
    readonly outputs?: readonly { readonly data?: Readonly<Record<string, unknown>> }[]
  }[]
}

/** A link as it stands in a text: where it leads, and what the step is said to show. */
const LINK = /\[([^\]]+)\]\(([^)\s]*#ringlab\?[^)\s]*)(?:\s+"([^"]*)")?\)/g

/** What is wrong with a notebook's links, a sentence each. */
export function wrongLinks({ cells }: RunNotebook): string[] {
  const recordings = cells.flatMap(({ outputs = [] }, at) =>
    outputs.flatMap(({ data }) => {
      const reading = data?.[MIME_TYPE] === undefined ? undefined : readOutput(data[MIME_TYPE])
      return reading && "output" in reading && reading.output.kind === "recording"
        ? [{ at, shown: [{ output: reading.output, stepOf: (step: number) => step }] }]
        : reading && "output" in reading && reading.output.kind === "pair"
          ? [{ at, shown: bothOf(reading.output) }]
          : []
    }),
  )
  return cells.flatMap(({ source }, at) =>
    [...[source].flat().join("").matchAll(LINK)].flatMap(([, words, href, says = ""]) => {
      const link = readLink(href)
      const found = link && nearest(recordings, (recording) => recording.at < at, link.where)
      if (!link || !found) return [`“${words}” finds no recording`]
      return wrongStep(words, { ...link, says }, found.shown)
    }),
  )
}

/** What names a step: "step 25", "Steps 22 and 32", "steps (32 to 39)". */
const STEP = /\bsteps?\s+\(?\d+/gi

/** The steps that texts name without a link, which no test holds against a recording. */
export function bareSteps({ cells }: RunNotebook): string[] {
  const texts = cells.filter(({ cell_type }) => cell_type === "markdown")
  return texts.flatMap(({ source }) => [source].flat().join("").replace(LINK, "").match(STEP) ?? [])
}

interface Asked {
  readonly step: number | undefined
  readonly show: string
  readonly says: string
}

/** What a link moves: a recording, or both of a pair, each to the step that belongs to the link's. */
interface Moved {
  readonly output: RecordingOutput
  readonly stepOf: (step: number) => number
}

const bothOf = ({ left, right, together }: PairOutput): readonly Moved[] => [
  { output: left, stepOf: (step) => step },
  { output: right, stepOf: (step) => Math.min(otherStep(together, step), right.timeline.steps) },
]

function wrongStep(words: string, { step, show, says }: Asked, moved: readonly Moved[]): string[] {
  const all = moved.map(({ output, stepOf }) =>
    look(output, step === undefined ? output.view.step : stepOf(step)),
  )
  const drawn = all.map(({ timeline, frame }) => drawnOf(timeline, frame)).join("")
  const [{ frame }] = all
  const sentences = all.map(({ frame }) => frame.sentence)
  return [
    ...(step !== undefined && says === "" ? [`“${words}” does not say what step ${step} shows`] : []),
    ...(frame.step === (step ?? frame.step) ? [] : [`“${words}”: there is no step ${step}`]),
    ...(sentences.some((sentence) => sentence.includes(says))
      ? []
      : [`“${words}”: step ${step} says “${sentences.join("” and “")}”`]),
    ...(show === "" || drawn.includes(`data-part="${show}"`) ? [] : [`“${words}”: no “${show}” is drawn`]),
  ]
}

function drawnOf(timeline: Timeline, frame: Frame): string {
  const { saying, panels } = new RunPicture(timeline).parts(frame, { width: 1200, folds: {} })
  return [...saying.blocks, ...panels.blocks].join("")
}

/** A recording's timeline, and its frame of a step. */
function look(output: RecordingOutput, step: number) {
  const player = createPlayer()
  const ask = (request: Request): Answer => {
    let last: Answer | undefined
    player.handle(request, (answer) => {
      last = answer
    })
    return last as Answer
  }
  const opened = ask({ id: 1, do: "open", recording: 1, output })
  const shown = ask({ id: 2, do: "frame", recording: 1, step, options: {} })
  if (opened.is !== "opened" || shown.is !== "frame") throw new Error(JSON.stringify([opened, shown]))
  return { timeline: opened.timeline, frame: shown.frame }
}
