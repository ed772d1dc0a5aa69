/** What can be chosen about a function: each gives one control, and says what type of value the function gets. */
import type { ChoiceParameter, Parameter, RangeParameter, ToggleParameter } from "../experiments/experiment"

/** A choice that remembers which texts there are to choose from. */
export interface Chosen<Option extends string> extends ChoiceParameter {
  /** The texts to choose from, in the list's order. */
  readonly options: readonly Option[]
  /** The text that is chosen at first: one of `options`. */
  readonly value: Option
}

type ValueOf<One> = One extends { readonly kind: "range" }
  ? number
  : One extends { readonly kind: "toggle" }
    ? boolean
    : One extends { readonly options: readonly (infer Option)[] }
      ? Option
      : never

/** What a function gets for its parameters: a number for a range, one of the options for a choice, a boolean for a toggle. */
export type ChosenValues<Parameters extends Readonly<Record<string, Parameter>>> = {
  readonly [Name in keyof Parameters]: ValueOf<Parameters[Name]>
}

/** How a range looks and where it begins. */
interface RangeSettings {
  /** Stands before the slider; the parameter's name if not said. */
  readonly label?: string
  /** "pages", "cycles", "Hz" …; stands behind the number. */
  readonly unit?: string
  /** From one value to the next: 1 between whole ends, else a hundredth of the way, if not said. */
  readonly step?: number
  /** Where the slider stands at first; `min` if not said. */
  readonly value?: number
}

/**
 * A number between two ends, as a slider: `range(1, 64, { unit: "pages", value: 8 })`.
 * @throws RangeError if the ends, the step or the first value do not fit
 */
export function range(min: number, max: number, settings: RangeSettings = {}): RangeParameter {
  const whole = Number.isInteger(min) && Number.isInteger(max)
  const { label = "", unit = "", step = whole ? 1 : (max - min) / 100, value = min } = settings
  if (!(Number.isFinite(min) && Number.isFinite(max) && min < max))
    throw new RangeError(`a range from ${min} to ${max} is empty: its first end must be the smaller number`)
  if (!(step > 0 && step <= max - min))
    throw new RangeError(`a range from ${min} to ${max} cannot go in steps of ${step}`)
  if (!(value >= min && value <= max))
    throw new RangeError(`a range from ${min} to ${max} cannot begin at ${value}`)
  return { kind: "range", label, unit, min, max, step, value }
}

/** How a choice looks and where it begins. */
interface ChoiceSettings<Option extends string> {
  /** Stands before the list; the parameter's name if not said. */
  readonly label?: string
  /** What is chosen at first; the first option if not said. */
  readonly value?: Option
}

/**
 * One of a few texts, as a list: `choice("shadow", "nested")`, or with settings
 * `choice(["shadow", "nested"], { label: "Page tables" })`.
 * @throws RangeError if there is nothing to choose from, or the first choice is not among the options
 */
export function choice<Option extends string>(...options: [Option, ...Option[]]): Chosen<Option>
export function choice<Option extends string>(
  options: readonly Option[],
  settings?: ChoiceSettings<Option>,
): Chosen<Option>
export function choice(...given: readonly unknown[]): Chosen<string> {
  const [first, settings] = given
  if (!Array.isArray(first)) return chosenFrom(given as readonly string[], {})
  return chosenFrom(first as readonly string[], (settings ?? {}) as ChoiceSettings<string>)
}

function chosenFrom(options: readonly string[], settings: ChoiceSettings<string>): Chosen<string> {
  const { label = "", value = options[0] } = settings
  if (!options.includes(value))
    throw new RangeError(`a choice among ${options.join(", ") || "nothing"} cannot begin with ${value}`)
  return { kind: "choice", label, options, value }
}

/** Something that is on or off, as a check box: `toggle({ label: "TLB on", value: true })`. Off at first if not said. */
export function toggle(
  settings: { readonly label?: string; readonly value?: boolean } = {},
): ToggleParameter {
  const { label = "", value = false } = settings
  return { kind: "toggle", label, value }
}
