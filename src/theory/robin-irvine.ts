/**
 * The list of instructions that keep the Pentium from being virtualized, as published, beside the list found here.
 * @see J. S. Robin and C. E. Irvine, "Analysis of the Intel Pentium's Ability to Support a Secure Virtual Machine
 * Monitor", USENIX Security 2000
 */
import { withCard } from "../numbers/card"
import { comparisonCard } from "./cards"
import type { FormVerdict } from "./classification"

/** The paper's two headings. */
type PaperGroup = "sensitive register instructions" | "protection system references"

/** Mnemonics in the paper's words, and which of ours each covers. */
interface Listed {
  readonly name: string
  readonly group: PaperGroup
  readonly covers: readonly string[]
}

const register = (name: string): Listed => ({
  name,
  group: "sensitive register instructions",
  covers: [name],
})
const reference = (name: string, covers: readonly string[] = [name]): Listed => ({
  name,
  group: "protection system references",
  covers,
})

/** The published list. */
export const ROBIN_IRVINE: readonly Listed[] = [
  register("SGDT"),
  register("SIDT"),
  register("SLDT"),
  register("SMSW"),
  register("PUSHF"),
  register("POPF"),
  reference("LAR"),
  reference("LSL"),
  reference("VERR"),
  reference("VERW"),
  reference("POP", ["POP SS", "POP DS", "POP ES", "POP FS", "POP GS"]),
  reference("PUSH", ["PUSH CS", "PUSH SS"]),
  reference("CALL", ["CALL far"]),
  reference("JMP", ["JMP far"]),
  reference("INT n", ["INT"]),
  reference("RET", ["RETF"]),
  reference("STR"),
  reference("MOVE", ["MOV Sreg"]),
]

/** Why our list has what the paper lacks. That it is an offender its witness says; this is about the paper. */
const ONLY_OURS: Readonly<Record<string, string>> = {
  IRET: "The paper has RET only; IRET pops EFLAGS as POPF does, too, and other counts of the list include it.",
  INT1: "It goes through a gate as the paper's INT n does.",
  INT3: "It goes through a gate as the paper's INT n does.",
  INTO: "It goes through a gate as the paper's INT n does.",
  SYSENTER: "It is a fast call of later processors.",
}

/** How one form stands, and why: its witness, or what all its runs had in common. */
export interface FormComparison {
  /** The form, as in `FormVerdict.form`. */
  readonly form: string
  /** It was found to be sensitive and to complete in user mode. */
  readonly offender: boolean
  /** A sentence: what its witness says, or why it is no offender. */
  readonly reason: string
}

/** How one name stands in the two lists. */
export interface Comparison {
  /** The paper's name, or ours where the paper has none. */
  readonly mnemonic: string
  /** The paper's heading for it; undefined: it is not in the paper. */
  readonly group: PaperGroup | undefined
  /** In which of the two lists it stands. */
  readonly where: "both" | "published only" | "found only"
  /** A sentence: why it is an offender, or why it was not found to be one. */
  readonly reason: string
  /** Why the paper may lack what was found; empty if nothing is known. */
  readonly about: string
  /** All forms that the name covers. */
  readonly forms: readonly FormComparison[]
}

/**
 * Compare a classification with the published list, by names and by forms.
 * @param forms all forms of a classification: why one of the paper's is missing can be told only of a form that was tried
 */
export function compareWithRobinIrvine(forms: readonly FormVerdict[]): readonly Comparison[] {
  const covered = new Set(ROBIN_IRVINE.flatMap(({ covers }) => covers))
  const others = forms.filter(({ offender, mnemonic }) => offender && !covered.has(mnemonic))
  const names = [...new Set(others.map(({ mnemonic }) => mnemonic))]
  const compared = [
    ...ROBIN_IRVINE.map((each) => compareListed(each, forms)),
    ...names.map((name) => foundOnly(name, others)),
  ]
  return withCard(compared, comparisonCard)
}

function compareListed({ name, group, covers }: Listed, all: readonly FormVerdict[]): Comparison {
  const forms = all.filter(({ mnemonic }) => covers.includes(mnemonic))
  const offender = forms.find((form) => form.offender)
  const compared = forms.map(compareForm)
  if (offender) {
    const { reason } = compareForm(offender)
    return { mnemonic: name, group, where: "both", reason, about: "", forms: compared }
  }
  const reason = whyOnlyPublished(forms)
  return { mnemonic: name, group, where: "published only", reason, about: "", forms: compared }
}

function foundOnly(mnemonic: string, offenders: readonly FormVerdict[]): Comparison {
  const forms = offenders.filter((form) => form.mnemonic === mnemonic).map(compareForm)
  const about = ONLY_OURS[mnemonic] ?? ""
  return { mnemonic, group: undefined, where: "found only", reason: forms[0].reason, about, forms }
}

/** The paper names forms of which none was found to be an offender. */
function whyOnlyPublished(forms: readonly FormVerdict[]): string {
  if (forms.length === 0) return "No such form was tried."
  const told = forms.find(({ pairs }) => pairs.reversed > 0) ?? forms[0]
  const others = forms.length > 1 ? ` See each of the ${forms.length} forms.` : ""
  return `${compareForm(told).reason}${others}`
}

function compareForm(verdict: FormVerdict): FormComparison {
  const { form, offender } = verdict
  return { form, offender, reason: offender ? witnessed(verdict) : whyNot(verdict) }
}

const witnessed = ({ witnesses: { behaviour, control } }: FormVerdict) =>
  (behaviour ?? control)?.sentence ?? ""

/** Why a form is no offender. */
function whyNot({ form, privileged, pairs, witnesses }: FormVerdict): string {
  if (privileged) return witnesses.privileged?.sentence ?? ""
  const { completed, trapped, reversed } = pairs
  if (reversed > 0)
    return `${witnesses.reversed?.sentence ?? ""} Sensitive is here only what completes in both modes and ends differently; who compares traps, too, must agree with the paper.`
  return `${form}: where it completes in both modes, in ${completed} pairs of states, the ends are twins; in ${trapped} it traps in user mode only, so a monitor hears of it; in none it traps in supervisor mode only.`
}
