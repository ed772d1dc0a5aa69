/**
 * What the browser worker offers the page: messages in, messages out, plain data only.
 * Each request carries an `id`; its answer carries the same one.
 */
import type { Feedback, Question } from "../exercises/exercise"
import type { Experiment, Result, Values } from "../experiments/experiment"
import type { Classification, Conditions, FormVerdict, Witness } from "../theory/classification"
import type { Output, RecordingOutput } from "./output"
import type { Frame, FrameOptions, MarkKind, Timeline } from "./view"

/** What every request has. */
interface Asking {
  /** The page's number for it: each answer to it, and each `progress` message before one, carries the same. */
  id: number
  /** What is asked for. */
  do: string
}

type Asked =
  /** Replay an output's recording. Answers `opened`, with `progress` messages before it when it is long. */
  | { do: "open"; recording: number; output: Output }
  | { do: "frame"; recording: number; step: number; options: FrameOptions }
  /** The nearest mark of a kind after (or before) a step. Answers `found`. */
  | { do: "find"; recording: number; kind: MarkKind; from: number; direction: 1 | -1 }
  | { do: "close"; recording: number }
  /** An experiment's parameters and texts, without its function. */
  | { do: "describe"; experiment: string }
  | { do: "experiment"; experiment: string; values: Values }
  | { do: "ask"; exercise: string; seed: number }
  | { do: "check"; exercise: string; seed: number; answer: string }
  /** Classify all instructions by a search, with `progress` in forms. Answers `classified`. */
  | { do: "classify"; conditions: Conditions; states: number }
  /** Run the forms' stored witnesses again under other conditions: quick and provisional. Answers `classified`. */
  | { do: "recheck"; conditions: Conditions; forms: readonly FormVerdict[] }
  /** Record a witness' two runs. Answers `witnessed`. */
  | { do: "witness"; witness: Witness }

/** One request. `recording` numbers are given by the page and stay valid until `close`. */
export type Request = Asking & Asked

/** What every answer has. */
interface Answering {
  /** The request's number. */
  id: number
  /** What came of it. */
  is: string
}

type Answered =
  | { is: "opened"; timeline: Timeline; warning?: string }
  | { is: "progress"; done: number; of: number }
  | { is: "frame"; frame: Frame }
  | { is: "found"; step: number | null }
  | { is: "closed" }
  | { is: "described"; experiment: Omit<Experiment, "run"> }
  | { is: "result"; result: Result }
  | { is: "question"; question: Question; title: string }
  | { is: "feedback"; feedback: Feedback }
  | { is: "classified"; classification: Classification }
  | { is: "witnessed"; left: RecordingOutput; right: RecordingOutput }
  /** Anything that could not be done, as one clear sentence. */
  | { is: "sorry"; sentence: string }

/** What the worker answers: each answer carries the `id` of the request that it belongs to. */
export type Answer = Answering & Answered
