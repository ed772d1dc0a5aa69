import type { Machine } from "../machine/machine"
import type { Classification, Conditions, FormVerdict, Judgement, Situation, Witness } from "./classification"

/** What a search may be told. */
export interface SearchOptions {
  /** States to try for each form; 2,000 if not said. */
  readonly states?: number
  /** Told after each form. */
  readonly progress?: (done: number, all: number) => void
  /** Which forms to try; all if not said. */
  readonly forms?: (form: Pick<FormVerdict, "form" | "mnemonic" | "group">) => boolean
}
export type Classify = (conditions: Conditions, options?: SearchOptions) => Classification
export type Recheck = (
  witness: Witness,
  conditions: Conditions,
) => { readonly holds: boolean; readonly sentence: string }
export type Situate = (situation: Situation) => Machine
export type { Judgement }
