/**
 * What the browser worker offers the page: messages in, messages out, plain data only.
 * Each request carries an `id`; its answer carries the same one.
 */
import type { Feedback, Question } from "../exercises/exercise"
import type { Experiment, Result, Values } from "../experiments/experiment"
import type { Classification, Conditions, FormVerdict, Witness } from "../theory/classification"
import type { Output, RecordingOutput } from "./output"
import type { Frame, FrameOptions, MarkKind, Timeline } from "./view"

/** One request. `recording` numbers are given by the page and stay valid until `close`. */
export type Request =
  /** Replay an output's recording. Answers `opened`, with `progress` messages before it when it is long. */
  | { id: number; do: "open"; recording: number; output: Output }
  | { id: number; do: "frame"; recording: number; step: number; options: FrameOptions }
  /** The nearest mark of a kind after (or before) a step. Answers `found`. */
  | { id: number; do: "find"; recording: number; kind: MarkKind; from: number; direction: 1 | -1 }
  | { id: number; do: "close"; recording: number }
  /** An experiment's parameters and texts, without its function. */
  | { id: number; do: "describe"; experiment: string }
  /** Run an experiment. Answers `result`, with `progress` messages before it when it takes long, or `cancelled`. */
  | { id: number; do: "experiment"; experiment: string; values: Values }
  /** The result of the experiment's request with this id is wanted no more. It has no answer of its own. */
  | { id: number; do: "cancel" }
  | { id: number; do: "ask"; exercise: string; seed: number }
  | { id: number; do: "check"; exercise: string; seed: number; answer: string }
  /** Classify all instructions by a search, with `progress` in forms. Answers `classified`. */
  | { id: number; do: "classify"; conditions: Conditions; states: number }
  /** Run the forms' stored witnesses again under other conditions: quick and provisional. Answers `classified`. */
  | { id: number; do: "recheck"; conditions: Conditions; forms: readonly FormVerdict[] }
  /** Record a witness' two runs. Answers `witnessed`. */
  | { id: number; do: "witness"; witness: Witness }

/** What the worker answers: each answer carries the `id` of the request that it belongs to. */
export type Answer =
  | { id: number; is: "opened"; timeline: Timeline; warning?: string }
  | { id: number; is: "progress"; done: number; of: number }
  | { id: number; is: "frame"; frame: Frame }
  | { id: number; is: "found"; step: number | null }
  | { id: number; is: "closed" }
  | { id: number; is: "described"; experiment: Omit<Experiment, "run"> }
  | { id: number; is: "result"; result: Result }
  | { id: number; is: "cancelled" }
  | { id: number; is: "question"; question: Question; title: string }
  | { id: number; is: "feedback"; feedback: Feedback }
  | { id: number; is: "classified"; classification: Classification }
  | { id: number; is: "witnessed"; left: RecordingOutput; right: RecordingOutput }
  /** Anything that could not be done, as one clear sentence. */
  | { id: number; is: "sorry"; sentence: string }
