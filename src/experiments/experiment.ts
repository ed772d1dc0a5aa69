/** Typed parameters in, a result out: the unit of "change it and see". */

/** A number a reader moves between two ends. */
export interface RangeParameter {
  readonly kind: "range"
  readonly label: string
  /** "pages", "cycles", "Hz" …; empty for a plain number. */
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly step: number
  /** Where the slider stands at first. */
  readonly value: number
}

/** One of a few named options. */
export interface ChoiceParameter {
  readonly kind: "choice"
  readonly label: string
  readonly options: readonly string[]
  readonly value: string
}

/** Something that is on or off. */
export interface ToggleParameter {
  readonly kind: "toggle"
  readonly label: string
  readonly value: boolean
}

/** What can be set before an experiment runs, with its control's range or choices. */
export type Parameter = RangeParameter | ChoiceParameter | ToggleParameter
/** The chosen values, by the parameters' names. */
export type Values = Readonly<Record<string, number | string | boolean>>

/** A plotly figure: `data` and `layout` as plotly.js takes them, plain JSON. */
export interface Chart {
  readonly data: readonly Record<string, unknown>[]
  readonly layout: Readonly<Record<string, unknown>>
}

/** What an experiment shows. Every part but the sentence is optional. */
export interface Result {
  /** What came out, in words: also what a screen reader announces. */
  readonly sentence: string
  /** A small table: column headings, then rows of text. `mark` lights up one row. */
  readonly table?: {
    readonly columns: readonly string[]
    readonly rows: readonly (readonly string[])[]
    readonly mark?: number
  }
  readonly chart?: Chart
}

/** How far a run is, in units of its own: `done` of `of` points, or steps. */
export interface Progress {
  readonly done: number
  readonly of: number
}

/** A run under way: at each yield it may be paused or ended. */
export type Run = Generator<Progress, Result, void>

/**
 * A built-in experiment: the browser worker runs it by name. What takes longer than a blink is a generator,
 * `*run(values) { …; yield { done, of } … }`, which yields some hundred times a second or more, so that a reader sees how far
 * it is and can cancel it; another value of a slider cancels it, too.
 */
export interface Experiment {
  readonly name: string
  readonly title: string
  /** What to try, in a sentence. */
  readonly about: string
  readonly parameters: Readonly<Record<string, Parameter>>
  run(values: Values): Result | Run
}

/** Of single points in a chart: seen on a light and on a dark page, and no series has it. */
export const MARK_COLOUR = "#e8590c"
