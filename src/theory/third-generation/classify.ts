/** The classification of the small machine of 1974: as it should be, and with one instruction wrong. */
import { withCard } from "../../numbers/card"
import { classificationCard } from "../cards"
import type { Classification, FormVerdict } from "../classification"
import { classifyForm, type Found, testify } from "../popek-goldberg"
import { INSTRUCTIONS, PRIVILEGED } from "./machine"
import { type Start, ThirdGeneration } from "./subject"

/** Which small machine, and which states. Plain data. */
export interface SmallConditions {
  /** JRST 1, *jump and return to user mode*, does not trap in user mode, as on the PDP-10. */
  readonly flawed: boolean
  /** Instructions that trap in user mode all the same. */
  readonly repaired: readonly string[]
  /** Chooses the states that are tried: a whole number. The same one tries the same states. */
  readonly seed: number
}

/** Two states of the small machine and what they show. */
export type SmallWitness = Found<Start>
/** One complete search over the small machine's instructions. */
export type SmallClassification = Classification<SmallConditions, SmallWitness>

/** The instruction that breaks the theorem by itself. */
const FLAW = "JRST 1"
const STATES = 2000

/**
 * Classify the instructions of a small computer of the third generation, as Popek and Goldberg describe one: two modes, a
 * relocation-bounds register, traps that swap program status words. It satisfies the theorem; with `flawed` it misses it by
 * one instruction.
 * @param options `flawed`, `repaired`, `seed`, and `states` to try for each instruction; 2,000 if not said
 * @throws RangeError if a repaired instruction does not exist
 */
export function classifyThirdGeneration(
  options: Partial<SmallConditions> & { readonly states?: number } = {},
): SmallClassification {
  const { flawed = false, repaired = [], seed = 1, states = STATES } = options
  const conditions = { flawed, repaired, seed }
  const subject = new ThirdGeneration(trappingOf(conditions))
  const forms = subject.forms.flatMap((form) => {
    const verdict = classifyForm(subject, form, states, seed)
    if (!verdict) return []
    const { found, form: own, ...rest } = verdict
    return [{ ...own, ...rest, witnesses: found } satisfies FormVerdict<SmallWitness>]
  })
  const tried = forms.reduce((sum, { tried }) => sum + tried, 0)
  return withCard({ conditions, forms, tried }, classificationCard)
}

/** Run a witness once more: whether it still shows what it showed. */
export function recheckThirdGeneration(
  form: string,
  witness: SmallWitness,
  conditions: SmallConditions,
): { readonly holds: boolean; readonly sentence: string } {
  return testify(new ThirdGeneration(trappingOf(conditions)), form, witness)
}

function trappingOf({ flawed, repaired }: SmallConditions): ReadonlySet<string> {
  const names = INSTRUCTIONS.map(({ name }) => name)
  const unknown = repaired.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new RangeError(`"${unknown}" cannot be repaired: the machine has ${names.join(", ")}`)
  return new Set([...PRIVILEGED.filter((name) => !(flawed && name === FLAW)), ...repaired])
}
