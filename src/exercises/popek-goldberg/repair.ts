/** Which instructions must a maker of processors change, and which may stay? */
import type { Random } from "../../numbers/random"
import { type FormVerdict, isSensitive, offendersOf } from "../../theory/classification"
import { listed, theorem } from "../../theory/theorems"
import { type Posed, posedExercise, type Slip } from "../posed"
import { decidingWitness, evidence, given } from "./forms"
import {
  classifyProcessor,
  listingOf,
  mnemonicsOf,
  type Processor,
  repairProcessor,
  someProcessor,
} from "./processor"

const RULE =
  'A machine is virtualizable if every sensitive instruction is privileged. So the repair must reach each offender, and nothing else needs one (Popek and Goldberg 1974, Theorem 1; the privileged instructions are listed in SDM Vol. 3A §5.9 "Privileged Instructions").'
const NOTHING = "None: the theorem holds already"

const option = (names: readonly string[]) => (names.length === 0 ? NOTHING : listed([...names].sort()))

/** A set of repairs that somebody may propose, and the thought behind it. */
interface Proposal {
  readonly names: readonly string[]
  readonly misconception: string
  readonly text: string
}

function proposals(forms: readonly FormVerdict[]): Proposal[] {
  const offenders = forms.filter(({ offender }) => offender)
  const names = mnemonicsOf(offenders)
  const last = offenders.at(-1)
  const silent = forms.filter(({ privileged }) => !privileged)
  const sensitive = forms.filter(isSensitive)
  const privileged = forms.filter((form) => form.privileged)
  return [
    {
      names: last ? names.filter((name) => name !== last.mnemonic) : mnemonicsOf(silent),
      misconception: last ? "one-may-stay" : "unprivileged-means-dangerous",
      text: last
        ? "One that stays is enough to break the theorem. Does none?"
        : "What runs through without a trap may also be harmless.",
    },
    {
      names: mnemonicsOf(silent),
      misconception: "unprivileged-means-dangerous",
      text: "That would be enough, but it makes programs trap for nothing: not all that runs without a trap is sensitive.",
    },
    {
      names: mnemonicsOf(sensitive),
      misconception: "repairs-what-traps",
      text: "That is enough, but some of these trap as they are.",
    },
    {
      names: mnemonicsOf(privileged),
      misconception: "repairs-what-traps",
      text: "These trap already.",
    },
    {
      names: [],
      misconception: "system-means-privileged",
      text: "Is there no instruction that ought to trap, and does not?",
    },
  ]
}

function slips(proposed: readonly Proposal[]): Slip[] {
  return proposed.map(({ names, misconception, text }) => ({ answer: option(names), misconception, text }))
}

/** What follows if just the offenders trap: the machine is asked again, with the repair in it. */
function because(processor: Processor, offenders: readonly FormVerdict[]): string {
  const names = mnemonicsOf(offenders)
  if (names.length === 0) return "Of these instructions each that is sensitive traps in user mode."
  const { holds, reason } = theorem(repairProcessor(processor)).virtualizable
  return `${evidence(offenders[0])} With ${listed(names)} trapping the theorem ${holds ? "holds" : "does not hold"}: ${reason}`
}

function pose(choose: Random): Posed {
  const processor = someProcessor(choose, choose.below(4))
  const classification = classifyProcessor(processor)
  const offenders = offendersOf(classification)
  const proposed = proposals(classification.forms)
  const answer = option(mnemonicsOf(offenders))
  const options = new Set([answer, ...proposed.map(({ names }) => option(names))])
  return {
    text: `A processor has these instructions and no others. ${given(processor.conditions)} You may make instructions trap outside ring 0.\n\nWhich is the smallest set with which the theorem holds?`,
    listing: listingOf(processor),
    form: { kind: "choice", options: choose.shuffled([...options]) },
    answer,
    because: because(processor, offenders),
    look: "Strike out what traps as it is, and what is harmless. What is left?",
    rule: RULE,
    slips: slips(proposed),
    run: decidingWitness(...offenders, ...classification.forms),
  }
}

/** Each instruction is run; the student says which must trap. */
export const REPAIR = posedExercise("popek-goldberg/repair", "Which repair suffices?", pose)
