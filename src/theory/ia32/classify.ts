/** The classification of IA-32, and its witnesses run once more. */
import { IOPL } from "../../isa/eflags"
import { CR4 } from "../../machine/control"
import type { Machine } from "../../machine/machine"
import {
  type Classification,
  type Conditions,
  type FormVerdict,
  isSensitive,
  type Situation,
  type Witness,
} from "../classification"
import { classifyForm, type Form, testify, type Verdict } from "../popek-goldberg"
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
  return { conditions, forms, tried: forms.reduce((sum, { tried }) => sum + tried, 0) }
}

/** A verdict as plain data. */
function plain({
  form: { form, mnemonic, group, claim },
  found,
  ...verdict
}: Verdict<Situation, TableForm>): FormVerdict {
  const witnesses = Object.fromEntries(
    Object.entries(found).map(([shows, each]) => [shows, { form, bytes: each.left.bytes, ...each }]),
  )
  return { form, mnemonic, group, ...verdict, witnesses, ...(claim ? { claim } : {}) }
}

/** A situation as other conditions have it. What a witness differs in stays. */
function under(situation: Situation, conditions: Conditions, differs: string): Situation {
  const { ring, flags, cr4, virtual } = situation
  const iopl = differs === "IOPL" ? flags & IOPL : conditions.iopl << 12
  return {
    ...situation,
    ring: ring === 0 || virtual ? ring : conditions.ring,
    flags: (flags & ~IOPL) | iopl,
    cr4: (cr4 & ~CR4.UMIP) | (conditions.umip ? CR4.UMIP : 0),
    repaired: conditions.repaired,
  }
}

/** Run a stored witness once more, under other conditions maybe: whether it still shows what it showed. */
export function recheck(
  witness: Witness,
  conditions: Conditions,
): { readonly holds: boolean; readonly sentence: string } {
  return recheckOn(new Ia32(conditions, []), witness, conditions)
}

function recheckOn(subject: Ia32, witness: Witness, conditions: Conditions) {
  const { left, right, differs, shows, form } = witness
  const [a, b] = [left, right].map((situation) => under(situation, conditions, differs))
  return testify(subject, form, { shows, differs, left: a, right: b })
}

/**
 * What stored witnesses alone say under other conditions, within a tenth of a second. Forms without witnesses stay as they
 * were, so this is provisional: only a search finds new witnesses.
 */
export function provisional(forms: readonly FormVerdict[], conditions: Conditions): Classification {
  const subject = new Ia32(conditions, [])
  const verdicts = forms.map((form) => again(subject, form, conditions))
  return { conditions, forms: verdicts, tried: verdicts.reduce((sum, { tried }) => sum + tried, 0) }
}

function again(subject: Ia32, verdict: FormVerdict, conditions: Conditions): FormVerdict {
  const stored = telling(verdict)
  if (stored.length === 0) return { ...verdict, tried: 0, setAside: 0 }
  const kept = stored.flatMap((witness) => {
    const { holds, sentence } = recheckOn(subject, witness, conditions)
    return holds ? [{ ...witness, sentence }] : []
  })
  const modes = stored.map(({ left, differs }) =>
    inBothModes(subject, under(left, conditions, differs), conditions),
  )
  const [control, behaviour] = (["control", "behaviour"] as const).map((what) =>
    kept.some(({ shows }) => shows === what),
  )
  const completes = modes.some(({ user }) => user === "completes")
  const result = {
    ...verdict,
    control,
    behaviour,
    privileged:
      !completes && modes.some(({ user, supervisor }) => user === "traps" && supervisor === "completes"),
    userSensitive: verdict.userSensitive && completes,
    tried: 4 * stored.length,
    setAside: 0,
    witnesses: Object.fromEntries(kept.map((witness) => [witness.shows, witness])),
  }
  return { ...result, offender: isSensitive(result) && completes }
}

/** Its witnesses. That some pair of states showed a trap says nothing of a form that completed in another. */
const telling = ({ privileged, witnesses }: FormVerdict): Witness[] =>
  Object.values(witnesses).filter(({ shows }) => privileged || shows !== "privileged")

type Ending = "completes" | "traps" | "aside"

function inBothModes(
  subject: Ia32,
  situation: Situation,
  { ring }: Conditions,
): { user: Ending; supervisor: Ending } {
  const [user, supervisor] = ([ring, 0] as const).map((each): Ending => {
    if (situation.virtual && each === 0) return "aside"
    const { trap } = subject.run({ ...situation, ring: each }, 2)
    return trap ? (trap.aside ? "aside" : "traps") : "completes"
  })
  return { user, supervisor }
}

/** A machine in a situation: its next step is the witness's instruction, or the delivery of its fault. */
export function situate(situation: Situation): Machine {
  const runner = new Runner(situation.repaired)
  runner.enter(situation)
  runner.machine.listener = undefined
  return runner.machine
}
