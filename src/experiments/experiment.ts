/** Typed parameters in, a result out: the unit of "change it and see". */
import type { Work } from "../numbers/slices"

/** A number a reader moves between two ends. */
export interface RangeParameter {
  /** Tells a slider from a list and from a check box. */
  readonly kind: "range"
  /** Stands before the slider. Empty: the parameter's name is shown. */
  readonly label: string
  /** "pages", "cycles", "Hz" …; empty for a plain number. */
  readonly unit: string
  /** The smallest value, in `unit`. */
  readonly min: number
  /** The largest value, in `unit`; more than `min`. */
  readonly max: number
  /** From one value of the slider to the next, in `unit`; more than 0. */
  readonly step: number
  /** Where the slider stands at first. */
  readonly value: number
}

/** One of a few named options. */
export interface ChoiceParameter {
  /** Tells a list from a slider and from a check box. */
  readonly kind: "choice"
  /** Stands before the list. Empty: the parameter's name is shown. */
  readonly label: string
  /** What there is to choose from, as the reader sees it; at least one. */
  readonly options: readonly string[]
  /** What is chosen at first: one of `options`. */
  readonly value: string
}

/** Something that is on or off. */
export interface ToggleParameter {
  /** Tells a check box from a slider and from a list. */
  readonly kind: "toggle"
  /** Stands beside the box. Empty: the parameter's name is shown. */
  readonly label: string
  /** Whether it is on at first. */
  readonly value: boolean
}

/** What can be set before an experiment runs, with its control's range or choices. */
export type Parameter = RangeParameter | ChoiceParameter | ToggleParameter
/** The chosen values, by the parameters' names. */
export type Values = Readonly<Record<string, number | string | boolean>>

/** A plotly figure: `data` and `layout` as plotly.js takes them, plain JSON. */
export interface Chart {
  /** The traces, one a line or group of bars. @see https://plotly.com/javascript/reference/ */
  readonly data: readonly Record<string, unknown>[]
  /** Titles, axes and the like. @see https://plotly.com/javascript/reference/layout/ */
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
  /** A picture of the same, for plotly.js. */
  readonly chart?: Chart
}

/** A run under way: at each yield it may be paused or ended. */
export type Run = Work<Result>

/**
 * A built-in experiment: the browser worker runs it by name. What takes longer than a blink is a generator,
 * `*run(values) { …; yield { done, of } … }`, which yields some hundred times a second or more, so that a reader sees how far
 * it is and can cancel it; another value of a slider cancels it, too.
 */
export interface Experiment {
  /** "rings/iopl" …: lesson, slash, name. `explore` takes it. */
  readonly name: string
  /** A heading for people, in a few words. */
  readonly title: string
  /** What to try, in a sentence. */
  readonly about: string
  /** What can be set, by the names that `Values` has. */
  readonly parameters: Readonly<Record<string, Parameter>>
  /**
   * Run it. The caller has looked at the values: one for each parameter, each in its range. The same values give
   * the same result.
   */
  run(values: Values): Result | Run
}

/** Of single points in a chart: seen on a light and on a dark page, and no series has it. */
export const MARK_COLOUR = "#e8590c"

/** The diamond in a chart that stands for what the reader has chosen, on each line at its place. */
export const yourChoice = (x: readonly number[], y: readonly number[]) => ({
  type: "scatter",
  mode: "markers",
  name: "your choice",
  x,
  y,
  marker: { size: 14, symbol: "diamond", color: MARK_COLOUR, line: { color: "#ffffff", width: 1 } },
})
