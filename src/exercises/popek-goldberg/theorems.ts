/** Three theorems, and a processor: which of them holds for it? */
import type { Random } from "../../numbers/random"
import { offendersOf } from "../../theory/classification"
import { type Theorems, theorem } from "../../theory/theorems"
import { type Posed, posedExercise, type Slip } from "../posed"
import { evidence, given } from "./forms"
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

const THOUGHTS: Readonly<
  Record<Verdict, Partial<Record<Verdict, readonly [misconception: string, text: string]>>>
> = {
  all: {
    hybrid: [
      "no-trap-no-theorem",
      "Each instruction here that does not trap is harmless, so no exception is needed.",
    ],
    none: [
      "no-trap-no-theorem",
      "Each instruction here that does not trap is harmless: the theorem asks only about sensitive ones.",
    ],
  },
  hybrid: {
    all: [
      "no-fault-no-difference",
      "One of these is sensitive and does not trap, so that a guest kernel in user mode goes wrong without a sign.",
    ],
    none: [
      "all-offenders-are-alike",
      "The offenders here hurt only code that believes it is in supervisor mode. A hybrid monitor does not let supervisor mode run: it interprets it.",
    ],
  },
  none: {
    all: ["no-fault-no-difference", "One of these is sensitive and does not trap."],
    hybrid: [
      "hybrid-cures-all",
      "A hybrid monitor lets user mode run directly. But there is an instruction here by which a program in user mode sees the real machine.",
    ],
  },
}

function slips(right: Verdict, found: string): Slip[] {
  return Object.entries(THOUGHTS[right]).map(([answer, [misconception, text]]) => ({
    answer: OPTIONS[answer as Verdict],
    misconception,
    text: `${text} ${found}`,
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
    slips: slips(verdict(theorems), found),
  }
}

/** Each instruction is run; the student says which theorems hold. */
export const THEOREMS = posedExercise("popek-goldberg/theorems", "Which monitor can be built?", pose)
