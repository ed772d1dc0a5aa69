/**
 * What a cell's output carries under `MIME_TYPE`, format version 1. Once released, outputs of this format open for ever.
 * The same kinds are what the extension's renderer accepts; it trusts none of it.
 */
import type { Values } from "../experiments/experiment"
import type { Classification, Witness } from "../theory/classification"
import type { Scene } from "./diagrams/scene"
import type { Frame, Timeline } from "./view"

/** The MIME type of all our outputs; `v1` stays readable for ever. */
export const MIME_TYPE = "application/vnd.ringlab.v1+json"

/** A run that the browser replays in a worker. A notebook has `recording` and `timeline` packed: see `packed.ts`. */
export interface RecordingOutput {
  /** Tells the renderer how to show it. */
  readonly kind: "recording"
  /** Version of the core that recorded it. */
  readonly core: string
  /** A heading above the picture. */
  readonly title: string
  /** What the player replays: initial state, log, end hash. Opaque here; `openRecording` checks it. */
  readonly recording: unknown
  /** The run at a glance. */
  readonly timeline: Timeline
  /** The first frame shown, so that there is a picture even if the replay fails. */
  readonly view: Frame
  /** What to pin at first, as release 0.1.0 had it; empty since. */
  readonly pins: readonly string[]
  /** What to watch at first. */
  readonly watches?: readonly string[]
}

/** Controls for a built-in experiment, by name. */
export interface ExperimentOutput {
  /** Tells the renderer how to show it. */
  readonly kind: "experiment"
  /** Version of ringlab that made the output. */
  readonly core: string
  /** The experiment's name: "rings/iopl". */
  readonly experiment: string
  /** What the controls stand at, by the parameters' names. */
  readonly values: Values
}

/** A seeded exercise, by name. */
export interface ExerciseOutput {
  /** Tells the renderer how to show it. */
  readonly kind: "exercise"
  /** Version of ringlab that made the output. */
  readonly core: string
  /** The exercise's name: "rings/iopl". */
  readonly exercise: string
  /** The question's seed, 0 to 2^31-1: the browser asks the same question again from it. */
  readonly seed: number
}

/** Which instructions are privileged, sensitive, both or neither, with witnesses. */
export interface ClassificationOutput {
  /** Tells the renderer how to show it. */
  readonly kind: "classification"
  /** Version of ringlab that made the output. */
  readonly core: string
  /** All forms, each with one witness at most: the notebook would grow too large with more. */
  readonly classification: Classification
}

/** One instruction from two situations. */
export interface WitnessOutput {
  /** Tells the renderer how to show it. */
  readonly kind: "witness"
  /** Version of ringlab that made the output. */
  readonly core: string
  /** The two situations: the browser runs the instruction in each. */
  readonly witness: Witness
}

/** A diagram: boxes, texts and arrows at their places, and what they mean in sentences. */
export interface DiagramOutput {
  /** Tells the renderer how to show it. */
  readonly kind: "diagram"
  /** Version of ringlab that made the output. */
  readonly core: string
  /** What is drawn. */
  readonly scene: Scene
}

/** Two recordings as one picture. */
export interface PairOutput {
  /** Tells the renderer how to show it. */
  readonly kind: "pair"
  /** Version of ringlab that made the output. */
  readonly core: string
  /** A heading above the picture. */
  readonly title: string
  /** The recording whose steps the controls count. */
  readonly left: RecordingOutput
  /** The other one. */
  readonly right: RecordingOutput
  /** What the two are called. */
  readonly names: readonly [left: string, right: string]
  /** Steps that belong together, ascending. */
  readonly together: Together
  /** The right recording is a machine with a hypervisor: what its first guest believes is shown, and what a guest could not tell is no difference. */
  readonly guest?: boolean
  /** The first step of the left recording after which the two differ, if it is known. */
  readonly first?: number
}

/**
 * Steps of two recordings that belong together, in stretches: these two, and so many more after each. What lies between two stretches has
 * no counterpart; the last one goes on to the end.
 */
export type Together = readonly (readonly [left: number, right: number, more: number])[]

/** The JSON of one output of a notebook cell. */
export type Output =
  | RecordingOutput
  | ExperimentOutput
  | ExerciseOutput
  | ClassificationOutput
  | WitnessOutput
  | DiagramOutput
  | PairOutput
