/** Three theorems, and a processor: which of them holds for it? */
import type { Random } from "../../numbers/random"
import { offendersOf } from "../../theory/classification"
import { type Theorems, theorem } from "../../theory/theorems"
import { type Posed, posedExercise, type Slip } from "../posed"
import { decidingWitness, evidence, given } from "./forms"
import { classifyProcessor, listingOf, someProcessor } from "./processor"

const OPTIONS = {
  all: "It is virtualizable, recursively too",
  hybrid: "It is not virtualizable, but a hybrid monitor can be built",
  none: "Neither a monitor nor a hybrid monitor can be built in this way",
} as const
type Verdict = keyof typeof OPTIONS

const RULE =
  'A monitor needs every sensitive instruction to trap in user mode. A hybrid monitor interprets all that the guest does in supervisor mode, so it needs that only of those that are sensitive in user mode itself (Popek and Goldberg 1974, Theorems 1 to 3; what each ring may do is in SDM Vol. 3A §5.9 "Privileged Instructions").'

const verdict = ({ virtualizable, hybrid }: Theorems): Verdict =>
  virtualizable.holds ? "all" : hybrid.holds ? "hybrid" : "none"

const NO_FAULT =
  "That nothing faults does not mean that nothing goes wrong. Is there nothing sensitive among these?"

const THOUGHTS: Readonly<
  Record<Verdict, Partial<Record<Verdict, readonly [misconception: string, text: string]>>>
> = {
  all: {
    hybrid: ["no-trap-no-theorem", "Look at what does not trap here. Is any of it sensitive?"],
    none: ["no-trap-no-theorem", "Does the theorem ask about everything that does not trap?"],
  },
  hybrid: {
    all: ["no-fault-no-difference", NO_FAULT],
    none: [
      "all-offenders-are-alike",
      "Whom do the offenders here hurt: any code, or only code that believes it is in supervisor mode?",
    ],
  },
  none: {
    all: ["no-fault-no-difference", NO_FAULT],
    hybrid: [
      "hybrid-cures-all",
      "A hybrid monitor lets user mode run directly. Is everything here safe at least there?",
    ],
  },
}

function slips(right: Verdict): Slip[] {
  return Object.entries(THOUGHTS[right]).map(([answer, [misconception, text]]) => ({
    answer: OPTIONS[answer as Verdict],
    misconception,
    text,
  }))
}

function pose(choose: Random): Posed {
  const processor = someProcessor(choose, choose.pick([0, 1, 1, 2]))
  const classification = classifyProcessor(processor)
  const theorems = theorem(classification)
  const offenders = offendersOf(classification)
  const telling = offenders.find(({ userSensitive }) => userSensitive) ?? offenders[0]
  const found = telling ? evidence(telling) : ""
  return {
    text: `A processor has these instructions and no others. ${given(processor.conditions)}\n\nWhat can be built on it?`,
    listing: listingOf(processor),
    form: { kind: "choice", options: Object.values(OPTIONS) },
    answer: OPTIONS[verdict(theorems)],
    because: `${theorems.virtualizable.reason} ${theorems.hybrid.reason} ${found}`,
    rule: RULE,
    slips: slips(verdict(theorems)),
    run: decidingWitness(...(telling ? [telling] : classification.forms)),
  }
}

/** Each instruction is run; the student says which theorems hold. */
export const THEOREMS = posedExercise("popek-goldberg/theorems", "Which monitor can be built?", pose)
