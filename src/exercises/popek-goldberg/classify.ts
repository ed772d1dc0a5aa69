/** Into which of the two sets does an instruction fall? */
import type { Random } from "../../numbers/random"
import { type FormVerdict, kindOf } from "../../theory/classification"
import { type Posed, posedExercise, type Slip } from "../posed"
import { BY_IOPL, decidingWitness, evidence, given, HARMLESS, REFUSED, SILENT, verdictOf } from "./forms"

const OPTIONS = {
  neither: "Neither privileged nor sensitive",
  privileged: "Privileged, not sensitive",
  both: "Privileged and sensitive",
  sensitive: "Sensitive, not privileged",
} as const
type Kind = keyof typeof OPTIONS

const RULE =
  'Privileged: in user mode it traps, in supervisor mode it does not. Sensitive: it changes a resource of the machine, or what it does depends on the mode or on where the machine\'s own tables lie. One does not follow from the other (Popek and Goldberg 1974; SDM Vol. 3A §5.9 "Privileged Instructions").'

/** The thought behind taking one kind for another. */
type Thought = readonly [misconception: string, text: (written: string) => string]

const THOUGHTS: Readonly<Record<Kind, Partial<Record<Kind, Thought>>>> = {
  sensitive: {
    neither: [
      "no-trap-no-harm",
      (it) =>
        `Nothing traps, yes. But that \`${it}\` runs through does not make it harmless: look at what it does.`,
    ],
    both: [
      "system-means-privileged",
      (it) => `\`${it}\` concerns the machine itself, so one expects it to trap. Does it?`,
    ],
    privileged: [
      "system-means-privileged",
      (it) => `\`${it}\` concerns the machine itself, so one expects it to trap. Does it?`,
    ],
  },
  both: {
    privileged: [
      "trap-settles-it",
      (it) =>
        `That \`${it}\` traps in user mode makes it privileged. Whether it is sensitive is asked where it completes: in ring 0.`,
    ],
    sensitive: [
      "sensitive-means-offender",
      (it) => `\`${it}\` is sensitive, yes. Does user mode get through with it unheard?`,
    ],
    neither: [
      "iopl-not-privilege",
      (it) => `Does \`${it}\` complete in user mode under this IOPL as it does in ring 0?`,
    ],
  },
  privileged: {
    both: [
      "privileged-means-sensitive",
      (it) => `\`${it}\` traps in user mode. Does it change anything of the machine's where it completes?`,
    ],
    sensitive: ["sensitive-means-offender", (it) => `Does user mode get through with \`${it}\` unheard?`],
    neither: [
      "harmless-means-allowed",
      (it) =>
        `That \`${it}\` does no harm to the machine's resources does not say that everybody may run it.`,
    ],
  },
  neither: {
    sensitive: [
      "unprivileged-means-dangerous",
      (it) => `\`${it}\` does not trap, but that alone is no danger. Does it do anything else in ring 0?`,
    ],
    both: ["kernel-uses-it", (it) => `Kernels use \`${it}\`. Do they alone?`],
    privileged: ["kernel-uses-it", (it) => `Kernels use \`${it}\`. Do they alone?`],
  },
}

function slips(right: Kind, written: string): Slip[] {
  return Object.entries(THOUGHTS[right]).map(([kind, [misconception, text]]) => ({
    answer: OPTIONS[kind as Kind],
    misconception,
    text: text(written),
  }))
}

/** Sensitive, and completes somewhere in user mode, is what hurts. */
const kind = (form: FormVerdict): Kind => (form.offender ? "sensitive" : kindOf(form))

function pose(choose: Random): Posed {
  const instruction = choose.pick(choose.pick([SILENT, SILENT, REFUSED, BY_IOPL, HARMLESS]))
  const { written } = instruction
  const conditions = {
    ring: choose.pick([1, 3] as const),
    iopl: choose.pick([0, 0, 3] as const),
    umip: choose.below(3) === 0,
  }
  const verdict = verdictOf(instruction, conditions)
  const found = evidence(verdict)
  return {
    text: `${given(conditions)}\n\nWhich is \`${written}\`?`,
    form: { kind: "choice", options: Object.values(OPTIONS) },
    answer: OPTIONS[kind(verdict)],
    because: `${found} ${RULE}`,
    rule: RULE,
    slips: slips(kind(verdict), written),
    run: decidingWitness(verdict),
  }
}

/** The instruction is run from many states; the student says what it is. */
export const CLASSIFY = posedExercise(
  "popek-goldberg/classify",
  "Privileged, sensitive, both, neither?",
  pose,
)
