/**
 * What an explored function's output carries beside the function's own result, format version 1. Once released, outputs
 * of this format open for ever. The result stands next to it under its own MIME types, so that a front end that knows
 * nothing of controls shows the result as it shows any other.
 */
import type { Parameter, Values } from "../experiments/experiment"
import type { MimeBundle } from "../views/show"

/** The MIME type of the controls; `v1` stays readable for ever. */
export const EXPLORE_TYPE = "application/vnd.ringlab.explore.v1+json"

/** A parameter and its name. */
export type NamedParameter = Parameter & { readonly name: string }

/** Controls for a function in a cell. */
export interface ExploreOutput {
  /** Version of the core that made it. */
  readonly core: string
  /** Where the kernel listens for new values, as long as it knows the function. */
  readonly target: string
  /** A list, since notebooks are saved with the names in an object sorted. */
  readonly parameters: readonly NamedParameter[]
  /** The values that the result beside belongs to. */
  readonly values: Values
  /** What the function printed on its way to the result. */
  readonly printed: string
  /** What it displayed on its way, by MIME type; left out where that is nothing. */
  readonly displays?: readonly MimeBundle[]
}
