/** Stored witnesses, run once more under other conditions: what they still show, and what follows from them alone. */

import { IOPL } from "../../isa/eflags"
import { CR4 } from "../../machine/processor/control"
import { withCard } from "../../numbers/card"
import { classificationCard } from "../cards"
import {
  type Classification,
  type Conditions,
  type FormVerdict,
  isSensitive,
  type Situation,
  type Witness,
} from "../classification"
import { testify } from "../popek-goldberg"
import { MODE } from "../subject"
import { Ia32 } from "./subject"

/** What a witness says when it is run again. */
interface Again {
  readonly holds: boolean
  readonly sentence: string
}

/** Run a stored witness once more, under other conditions maybe: whether it still shows what it showed. */
export function recheck(witness: Witness, conditions: Conditions): Again {
  return recheckOn(new Ia32(conditions, []), under(witness, conditions))
}

const recheckOn = (subject: Ia32, witness: Witness): Again => testify(subject, witness.form, witness)

/** A witness as other conditions have it. In what its situations differ they differ still. */
function under(witness: Witness, conditions: Conditions): Witness {
  const { left, right } = witness
  const apart = (left.flags ^ right.flags) & IOPL
  const iopl = conditions.iopl << 12
  return {
    ...witness,
    left: situationUnder(left, conditions, iopl),
    right: situationUnder(right, conditions, iopl ^ apart),
  }
}

function situationUnder(situation: Situation, conditions: Conditions, iopl: number): Situation {
  const { ring, flags, cr4, virtual } = situation
  return {
    ...situation,
    ring: ring === 0 || virtual ? ring : conditions.ring,
    flags: (flags & ~IOPL) | iopl,
    cr4: (cr4 & ~CR4.UMIP) | (conditions.umip ? CR4.UMIP : 0),
    repaired: conditions.repaired,
  }
}

/**
 * What stored witnesses alone say under other conditions, within a tenth of a second. Forms without witnesses stay as they
 * were, so this is provisional: only a search finds new witnesses.
 */
export function provisional(forms: readonly FormVerdict[], conditions: Conditions): Classification {
  const subject = new Ia32(conditions, [])
  const verdicts = forms.map((form) => runAgain(subject, form, conditions))
  const tried = verdicts.reduce((sum, { tried }) => sum + tried, 0)
  return withCard({ conditions, forms: verdicts, tried }, classificationCard)
}

const NO_PAIRS = { completed: 0, trapped: 0, reversed: 0 }

function runAgain(subject: Ia32, verdict: FormVerdict, conditions: Conditions): FormVerdict {
  const stored = telling(verdict).map((witness) => under(witness, conditions))
  if (stored.length === 0) return { ...verdict, tried: 0, setAside: 0, pairs: NO_PAIRS }
  const modes = stored.map(({ left }) => inBothModes(subject, left, conditions))
  const completes = modes.some(({ user }) => user === "completes")
  const again = completes ? stored : [...stored.flatMap(inRing0), ...stored]
  const witnesses = stillHolding(subject, again)
  const trapped = modes.some(({ user, supervisor }) => user === "traps" && supervisor === "completes")
  const result = {
    ...verdict,
    control: witnesses.control !== undefined,
    behaviour: witnesses.behaviour !== undefined,
    privileged: trapped && !completes,
    userSensitive: verdict.userSensitive && completes,
    tried: 2 * (stored.length + again.length),
    setAside: 0,
    pairs: NO_PAIRS,
    witnesses,
  }
  return { ...result, offender: isSensitive(result) && completes }
}

/** Its witnesses. That some pair of states showed a trap says nothing of a form that completed in another. */
const telling = ({ privileged, witnesses }: FormVerdict): Witness[] =>
  Object.values(witnesses).filter(
    ({ shows }) => shows !== "reversed" && (privileged || shows !== "privileged"),
  )

/** What traps in user mode may be sensitive all the same: in ring 0 the same states may show it. */
function inRing0(witness: Witness): Witness[] {
  const { left, right } = witness
  if (left.virtual) return []
  const [one, other] = [left, right].map((situation) => ({ ...situation, ring: 0 as const }))
  return [
    { ...witness, left: one, right: other },
    { ...witness, shows: "control", differs: MODE, left: one, right: left },
  ]
}

/** By what they show; of two that show the same the later one. */
function stillHolding(subject: Ia32, stored: readonly Witness[]): FormVerdict["witnesses"] {
  const kept = stored.flatMap((witness) => {
    const { holds, sentence } = recheckOn(subject, witness)
    return holds ? [[witness.shows, { ...witness, sentence }] as const] : []
  })
  return Object.fromEntries(kept)
}

type Ending = "completes" | "traps" | "aside"

/** How an instruction ends from a situation in either mode. */
function inBothModes(subject: Ia32, situation: Situation, { ring }: Conditions) {
  const supervisor = situation.virtual ? "aside" : endOf(subject, { ...situation, ring: 0 })
  return { user: endOf(subject, { ...situation, ring }), supervisor }
}

function endOf(subject: Ia32, situation: Situation): Ending {
  const { trap } = subject.run(situation, 2)
  if (!trap) return "completes"
  return trap.aside ? "aside" : "traps"
}
