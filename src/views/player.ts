/**
 * What the browser worker offers the page: messages in, messages out, plain data only.
 * Each request carries an `id`; its answer carries the same one.
 */
import type { DecidingRun, Feedback, Question, Solution } from "../exercises/exercise"
import type { Experiment, Result, Values } from "../experiments/experiment"
import type { Classification, Conditions, FormVerdict, Witness } from "../theory/classification"
import type { Output, RecordingOutput } from "./output"
import type { Frame, FrameOptions, MarkKind, Timeline } from "./view"

/** What every message has. */
interface Numbered {
  /** The page's number for a request; each answer to it, and each `progress` message before one, carries the same. */
  id: number
}

/** What is asked for, and with what. */
type Asked =
  | {
      /** Replay an output's recording. Answers `opened`, with `progress` messages before it when it is long, or `cancelled`. */
      do: "open"
      /** The page's number for it from now on, until `close`. */
      recording: number
      /** What the notebook carries. It is not trusted. */
      output: Output
    }
  | {
      /** Answers `frame`, with `progress` messages before it when the step is far, or `cancelled` when a newer question came. */
      do: "frame"
      /** The page's number for the recording. */
      recording: number
      /** 0 is the beginning. */
      step: number
      /** What to show beside the fixed parts. */
      options: FrameOptions
    }
  | {
      /** The nearest mark of a kind. Answers `found`. */
      do: "find"
      /** The page's number for the recording. */
      recording: number
      /** What to look for. */
      kind: MarkKind
      /** The step to look from; it does not count itself. */
      from: number
      /** Later or earlier. */
      direction: 1 | -1
    }
  | {
      /** The nearest step that runs an instruction. Answers `found`, with `progress` messages before it when the step is far, or `cancelled`. */
      do: "ran"
      /** The page's number for the recording. */
      recording: number
      /** Linear address of the instruction. */
      address: number
      /** The step to look from; it does not count itself. */
      from: number
      /** Later or earlier. */
      direction: 1 | -1
    }
  | {
      /** Forget a recording, also while it is being opened. Answers `closed`. */
      do: "close"
      /** The page's number for the recording. */
      recording: number
    }
  | {
      /** An experiment's parameters and texts, without its function. Answers `described`. */
      do: "describe"
      /** Its name: "rings/iopl". */
      experiment: string
    }
  | {
      /** Run an experiment. Answers `result`, with `progress` messages before it when it takes long, or `cancelled`. */
      do: "experiment"
      /** Its name: "rings/iopl". */
      experiment: string
      /** By the parameters' names; the experiment's own for the rest. */
      values: Values
    }
  | {
      /** What the request with this `id` asked for is wanted no more: a replay, a frame, an experiment. It has no answer of its own. */
      do: "cancel"
    }
  | {
      /** Ask an exercise. Answers `question`. */
      do: "ask"
      /** Its name: "rings/iopl". */
      exercise: string
      /** The question's, 0 to 2^31-1. */
      seed: number
    }
  | {
      /** Check an answer. Answers `feedback`. */
      do: "check"
      /** Its name: "rings/iopl". */
      exercise: string
      /** The question's, 0 to 2^31-1. */
      seed: number
      /** As it was typed or chosen. */
      answer: string
    }
  | {
      /** Solve an exercise. Answers `solution`. */
      do: "solve"
      /** Its name: "rings/iopl". */
      exercise: string
      /** The question's, 0 to 2^31-1. */
      seed: number
    }
  | {
      /** Make the run that decides about an answer. Answers `decided`. */
      do: "decide"
      /** Its name: "rings/iopl". */
      exercise: string
      /** The question's, 0 to 2^31-1. */
      seed: number
      /** As it was typed or chosen. */
      answer: string
    }
  | {
      /** Classify all instructions by a search, with `progress` in forms. Answers `classified`. */
      do: "classify"
      /** What stays fixed. */
      conditions: Conditions
      /** To try for each form. */
      states: number
    }
  | {
      /** Run the forms' stored witnesses again under other conditions: quick and provisional. Answers `classified`. */
      do: "recheck"
      /** What stays fixed. */
      conditions: Conditions
      /** Verdicts with their witnesses, of other conditions. */
      forms: readonly FormVerdict[]
    }
  | {
      /** Record a witness' two runs. Answers `witnessed`. */
      do: "witness"
      /** The two situations. */
      witness: Witness
    }

/** One request. `recording` numbers are given by the page and stay valid until `close`. */
export type Request = Numbered & Asked

/** What came of it. */
type Answered =
  | {
      /** A recording can be asked for frames. */
      is: "opened"
      /** The whole run at a glance. */
      timeline: Timeline
      /** A sentence, if the replay does not end as the recorded run did. */
      warning?: string
    }
  | {
      /** The work goes on. */
      is: "progress"
      /** Steps or forms so far. */
      done: number
      /** Of so many. */
      of: number
    }
  | {
      /** What was asked for by `frame`. */
      is: "frame"
      /** The machine after the step. */
      frame: Frame
    }
  | {
      /** What was asked for by `find` or `ran`. */
      is: "found"
      /** The step; null: there is none in this direction. */
      step: number | null
    }
  | {
      /** The recording's number is free again. */
      is: "closed"
    }
  | {
      /** What was asked for by `describe`. */
      is: "described"
      /** Plain data. */
      experiment: Omit<Experiment, "run">
    }
  | {
      /** What came of an experiment. */
      is: "result"
      /** Plain data. */
      result: Result
    }
  | {
      /** It was cancelled before it came to its end. */
      is: "cancelled"
    }
  | {
      /** What was asked for by `ask`. */
      is: "question"
      /** Plain data. */
      question: Question
      /** The exercise's. */
      title: string
    }
  | {
      /** What a check said. */
      is: "feedback"
      /** Plain data. */
      feedback: Feedback
    }
  | {
      /** What was asked for by `solve`. */
      is: "solution"
      /** Plain data. */
      solution: Solution
    }
  | {
      /** What was asked for by `decide`. */
      is: "decided"
      /** Plain data. */
      run: DecidingRun
    }
  | {
      /** What a search, or a look at witnesses, found. */
      is: "classified"
      /** Plain data. */
      classification: Classification
    }
  | {
      /** A witness' two runs, to be opened. */
      is: "witnessed"
      /** The run from its left situation. */
      left: RecordingOutput
      /** The run from its right situation. */
      right: RecordingOutput
    }
  | {
      /** Anything that could not be done. */
      is: "sorry"
      /** Why, for people: what, where, what to do. */
      sentence: string
    }

/** What the worker answers: each answer carries the `id` of the request that it belongs to. */
export type Answer = Numbered & Answered
