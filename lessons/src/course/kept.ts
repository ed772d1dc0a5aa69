/**
 * What a notebook keeps of its student: answers and how they went, in its metadata under the key `ringlab`.
 *
 *     "ringlab": {
 *       "version": 1,
 *       "answers": { "rings/iopl 3": [3, "2", 1] },     place: seed of the question, answer, honest misses
 *       "tries":   { "rings/iopl": [1, 4] },            exercise: how often right, how often wrong
 *       "predictions": { "popf": ["It clears IF", 1] }  place of the question: guess, and 1 once its cell has run
 *     }
 *
 * A notebook comes from anywhere, so what does not look like this is left out.
 */
import type { Attempts, Draft } from "./progress"

/** Under which the notebook's metadata has it. */
export const KEY = "ringlab"
const VERSION = 1

/** What a reader takes a cell to do. */
export interface Prediction {
  readonly guess: string
  /** Whether the cell has run since. */
  readonly settled: boolean
}

/** What one notebook knows. */
export interface Kept {
  readonly drafts: ReadonlyMap<string, Draft>
  readonly attempts: ReadonlyMap<string, Attempts>
  readonly predictions: ReadonlyMap<string, Prediction>
}

/** No lesson has as many, and nobody writes as much: more is not ours. */
const MOST = { entries: 500, name: 200, answer: 10_000, guess: 1000, count: 1e6, seed: 2 ** 31 - 1 }

const isCount = (value: unknown, most = MOST.count): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most

/** Whether the notebook's part is of a later version of ours: then it is neither read nor written over. */
export const isNewer = (metadata: unknown): boolean =>
  isCount(partOf(metadata, "version")) && (partOf(metadata, "version") as number) > VERSION

/** Read what a notebook's metadata has under our key. Never throws. */
export function readKept(metadata: unknown): Kept {
  const known = partOf(metadata, "version") === VERSION ? metadata : undefined
  return {
    drafts: new Map(
      entriesOf(known, "answers").flatMap(([place, value]) => draftOf(value).map((draft) => [place, draft])),
    ),
    attempts: new Map(
      entriesOf(known, "tries").flatMap(([name, value]) => attemptsOf(value).map((counts) => [name, counts])),
    ),
    predictions: new Map(
      entriesOf(known, "predictions").flatMap(([place, value]) =>
        predictionOf(value).map((prediction) => [place, prediction]),
      ),
    ),
  }
}

/** What the metadata is to have under our key. What is too long to be read again is left out. */
export function writeKept({ drafts, attempts, predictions }: Kept) {
  const answers = [...drafts].filter(([, draft]) => draftOf(writeDraft(draft)).length > 0)
  return {
    version: VERSION,
    answers: Object.fromEntries(answers.map(([place, draft]) => [place, writeDraft(draft)])),
    tries: Object.fromEntries([...attempts].map(([name, { right, wrong }]) => [name, [right, wrong]])),
    ...(predictions.size > 0 ? { predictions: writePredictions(predictions) } : {}),
  }
}

const writeDraft = ({ seed, answer, misses = 0 }: Draft) =>
  misses > 0 ? [seed, answer, misses] : [seed, answer]

const writePredictions = (predictions: Kept["predictions"]) =>
  Object.fromEntries(
    [...predictions].map(([place, { guess, settled }]) => [place, settled ? [guess, 1] : [guess]]),
  )

function partOf(metadata: unknown, name: string): unknown {
  return typeof metadata === "object" && metadata !== null && Object.hasOwn(metadata, name)
    ? (metadata as Record<string, unknown>)[name]
    : undefined
}

function entriesOf(metadata: unknown, name: string): [string, unknown][] {
  const part = partOf(metadata, name)
  const entries = typeof part === "object" && part !== null ? Object.entries(part) : []
  return entries.slice(0, MOST.entries).filter(([key]) => key.length <= MOST.name)
}

/** One draft, or none. */
function draftOf(value: unknown): Draft[] {
  const [seed, answer, misses = 0] = Array.isArray(value) ? value : []
  if (!isCount(seed, MOST.seed) || typeof answer !== "string" || answer.length > MOST.answer) return []
  return [isCount(misses) && misses > 0 ? { seed, answer, misses } : { seed, answer }]
}

/** One exercise's counts, or none. */
function attemptsOf(value: unknown): Attempts[] {
  const [right, wrong] = Array.isArray(value) ? value : []
  return isCount(right) && isCount(wrong) ? [{ right, wrong }] : []
}

/** One guess, or none. */
function predictionOf(value: unknown): Prediction[] {
  const [guess, settled] = Array.isArray(value) ? value : []
  if (typeof guess !== "string" || guess === "" || guess.length > MOST.guess) return []
  return [{ guess, settled: settled === 1 }]
}
