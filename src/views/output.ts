/**
 * What a cell's output carries under `MIME_TYPE`, format version 1. Once released, outputs of this format open for ever.
 * The same kinds are what the extension's renderer accepts; it trusts none of it.
 */
import type { Values } from "../experiments/experiment"
import type { Classification, Witness } from "../theory/classification"
import type { Frame, Timeline } from "./view"

/** The MIME type of all our outputs; `v1` stays readable for ever. */
export const MIME_TYPE = "application/vnd.ringlab.v1+json"

/** A run that the browser replays in a worker. A notebook has `recording` and `timeline` packed: see `packed.ts`. */
export interface RecordingOutput {
  readonly kind: "recording"
  /** Version of the core that recorded it. */
  readonly core: string
  readonly title: string
  /** What the player replays: initial state, log, end hash. Opaque here; `openRecording` checks it. */
  readonly recording: unknown
  readonly timeline: Timeline
  /** The first frame shown, so that there is a picture even if the replay fails. */
  readonly view: Frame
  /** What to pin at first. */
  readonly pins: readonly string[]
}

/** Controls for a built-in experiment, by name. */
export interface ExperimentOutput {
  readonly kind: "experiment"
  readonly core: string
  readonly experiment: string
  readonly values: Values
}

/** A seeded exercise, by name. */
export interface ExerciseOutput {
  readonly kind: "exercise"
  readonly core: string
  readonly exercise: string
  readonly seed: number
}

/** Which instructions are privileged, sensitive, both or neither, with witnesses. */
export interface ClassificationOutput {
  readonly kind: "classification"
  readonly core: string
  readonly classification: Classification
}

/** One instruction from two situations. */
export interface WitnessOutput {
  readonly kind: "witness"
  readonly core: string
  readonly witness: Witness
}

/** The JSON of one output of a notebook cell. */
export type Output =
  | RecordingOutput
  | ExperimentOutput
  | ExerciseOutput
  | ClassificationOutput
  | WitnessOutput
