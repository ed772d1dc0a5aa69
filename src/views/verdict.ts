/** A classification of instructions as a cell's value: the picture of the two sets, the table, and a witness for each form. */
import {
  bitsInWords,
  type Classification,
  CONDITIONS,
  type Conditions,
  type FormVerdict,
  isSensitive,
  kindOf,
  offendingMnemonics,
  type Testimony,
  type Witness,
} from "../theory/classification"
import { classify, type SearchOptions } from "../theory/ia32/classify"
import { type Theorems, theorem } from "../theory/theorems"
import { VERSION } from "../version"
import { drawVenn, type Venn } from "./draw/venn"
import { type ClassificationOutput, MIME_TYPE, type WitnessOutput } from "./output"
import { DISPLAY, INSPECT, type MimeBundle, type Shown } from "./show"

/** What a classification says, and its pictures. */
export class Verdict implements Shown {
  /** @param classification all forms with their witnesses: plain data */
  constructor(readonly classification: Classification) {}

  /** The three theorems of 1974, each with its verdict and why. */
  get theorems(): Theorems {
    return theorem(this.classification)
  }

  /** Mnemonics of the instructions that are sensitive and complete in user mode. */
  get offenders(): string[] {
    return offendingMnemonics(this.classification)
  }

  /** All forms of an instruction. @throws RangeError if there is none of that name */
  forms(mnemonic: string): readonly FormVerdict[] {
    const found = this.classification.forms.filter((form) => form.mnemonic === mnemonic.toUpperCase())
    if (found.length === 0) throw new RangeError(`no instruction is called ${mnemonic}: write POPF or SGDT`)
    return found
  }

  /**
   * Two situations that show what an instruction is, as two recordings side by side.
   * @param shows what the witness testifies; the most telling if not said
   * @throws RangeError if there is none
   */
  witness(mnemonic: string, shows?: Testimony): WitnessPair {
    const witness = this.forms(mnemonic)
      .map(({ witnesses }) => (shows ? witnesses[shows] : mostTelling(witnesses)))
      .find((found) => found !== undefined)
    if (!witness) throw new RangeError(`there is no ${shows ? `${shows} ` : ""}witness for ${mnemonic}`)
    return new WitnessPair(witness)
  }

  [DISPLAY](): MimeBundle {
    const output: ClassificationOutput = {
      kind: "classification",
      core: VERSION,
      classification: carried(this.classification),
    }
    return {
      [MIME_TYPE]: output,
      "image/svg+xml": drawVenn(vennOf(this.classification)),
      "text/plain": this[INSPECT](),
    }
  }

  [INSPECT](): string {
    return [
      titleOf(this.classification.conditions),
      this.theorems[INSPECT](),
      `${this.classification.tried.toLocaleString("en")} states were tried.`,
    ].join("\n")
  }
}

/** A witness as a cell's value. */
export class WitnessPair implements Shown {
  /** @param witness the two situations, and what the instruction did in each: plain data */
  constructor(readonly witness: Witness) {}

  [DISPLAY](): MimeBundle {
    const output: WitnessOutput = { kind: "witness", core: VERSION, witness: this.witness }
    return { [MIME_TYPE]: output, "text/plain": this[INSPECT]() }
  }

  [INSPECT](): string {
    const { form, differs, sentence, bits } = this.witness
    const apart = bits ? ` The processor's two states differ in ${bitsInWords(bits)}.` : ""
    return `${form}, in two situations that differ in ${differs}: ${sentence}${apart}`
  }
}

/** An offender's behaviour says most; that an instruction is privileged says least. */
export const mostTelling = ({ behaviour, control, reversed, privileged }: FormVerdict["witnesses"]) =>
  behaviour ?? control ?? reversed ?? privileged

/** "IA-32 in ring 3, IOPL 0, with UMIP, POPF repaired". */
export function titleOf({ ring, iopl, umip, repaired }: Conditions): string {
  const which = repaired.length > NAMED ? `${repaired.length} instructions` : repaired.join(", ")
  const more = [umip ? "with UMIP" : "", which === "" ? "" : `${which} repaired`]
  return [`IA-32 in ring ${ring}`, `IOPL ${iopl}`, ...more.filter((part) => part !== "")].join(", ")
}

/** More names than these do not fit a title. */
const NAMED = 3

/** The picture of a classification. */
export function vennOf(classification: Classification): Venn {
  const { forms, conditions } = classification
  const names = (which: (form: FormVerdict) => boolean) => [
    ...new Set(forms.filter(which).map(({ mnemonic }) => mnemonic)),
  ]
  const offenders = offendingMnemonics(classification)
  return {
    title: titleOf(conditions),
    sentence:
      offenders.length === 0
        ? "The theorem holds: every sensitive instruction is privileged."
        : `The theorem does not hold: ${offenders.length === 1 ? "an instruction is" : `${offenders.length} instructions are`} sensitive and yet complete in user mode.`,
    sets: ["privileged", "sensitive"],
    left: { name: "only privileged", members: names((form) => kindOf(form) === "privileged") },
    both: { name: "both", members: names((form) => isSensitive(form) && !form.offender) },
    right: { name: "offenders", members: offenders },
    counted: "Counted are instructions; one that has forms in several parts stands in each.",
    outside: {
      name: "Forms in neither set",
      members: forms.filter((form) => kindOf(form) === "neither").length,
    },
  }
}

/** What a notebook needs of it: one witness a form. Of forms in neither set only those that trap in ring 0 alone have one. */
function carried(classification: Classification): Classification {
  const lighter = (form: FormVerdict): FormVerdict => {
    const witness = kindOf(form) === "neither" ? form.witnesses.reversed : mostTelling(form.witnesses)
    return { ...form, witnesses: witness ? { [witness.shows]: witness } : {} }
  }
  return { ...classification, forms: classification.forms.map(lighter) }
}

/**
 * Classify every form of every instruction of IA-32 by running it: privileged, sensitive, both or neither. Nothing is
 * looked up. A whole search takes up to 20 s; `states` makes it shorter, and less sure.
 *
 * ```ts
 * popekGoldberg({ ring: 1 }, { states: 200 })
 * ```
 * @see G. J. Popek and R. P. Goldberg, "Formal Requirements for Virtualizable Third Generation Architectures", 1974
 */
export function popekGoldberg(conditions: Partial<Conditions> = {}, options?: SearchOptions): Verdict {
  return new Verdict(classify({ ...CONDITIONS, ...conditions }, options))
}
