/** The classification of IA-32. */

import type { Machine } from "../../machine/machine"
import { withCard } from "../../numbers/card"
import { classificationCard, formCard, witnessCard } from "../cards"
import type { Classification, Conditions, FormVerdict, Situation } from "../classification"
import { classifyForm, type Verdict } from "../popek-goldberg"
import type { Form } from "../subject"
import type { TableForm } from "./forms"
import { Runner } from "./runner"
import { Ia32 } from "./subject"

/** What a search may be told. */
export interface SearchOptions {
  /** States to try for each form; 2,000 if not said. */
  readonly states?: number
  /** Told after each form. */
  readonly progress?: (done: number, all: number) => void
  /** Which forms to try; all if not said. */
  readonly forms?: (form: Form) => boolean
  /** The forms of another instruction table. */
  readonly table?: readonly TableForm[]
}

const STATES = 2000

/**
 * Classify the forms of IA-32's instructions by running each from very many seeded states. The same conditions give the
 * same classification.
 * @throws RangeError if a repaired instruction does not exist
 */
export function classify(conditions: Conditions, options: SearchOptions = {}): Classification {
  const { states = STATES, progress = () => {}, forms: wanted = () => true } = options
  const subject = new Ia32(conditions, options.table)
  const chosen = subject.forms.filter(wanted)
  const forms = chosen.flatMap((form, done) => {
    const verdict = classifyForm(subject, form, states, conditions.seed)
    progress(done + 1, chosen.length)
    return verdict ? [plain(verdict)] : []
  })
  const tried = forms.reduce((sum, { tried }) => sum + tried, 0)
  return withCard({ conditions, forms, tried }, classificationCard)
}

/** A verdict as plain data. */
function plain({
  form: { form, mnemonic, group, claim },
  found,
  ...verdict
}: Verdict<Situation, TableForm>): FormVerdict {
  const witnesses = Object.fromEntries(
    Object.entries(found).map(([shows, each]) => [
      shows,
      withCard({ form, bytes: each.left.bytes, ...each }, witnessCard),
    ]),
  )
  return withCard({ form, mnemonic, group, ...verdict, witnesses, ...(claim ? { claim } : {}) }, formCard)
}

/** A machine in a situation: its next step is the witness's instruction, or the delivery of its fault. */
export function situate(situation: Situation): Machine {
  const runner = new Runner(situation.repaired)
  runner.enter(situation)
  runner.machine.listener = undefined
  return runner.machine
}
