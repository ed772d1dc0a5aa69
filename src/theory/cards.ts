/** What was found out, as a cell shows it: whole searches, forms and witnesses. `Verdict` has the picture of it. */
import type { Card } from "../numbers/card"
import {
  type FormVerdict,
  isSensitive,
  kindOf,
  offendingMnemonics,
  type Verdicts,
  type Witness,
} from "./classification"

const yesNo = (holds: boolean) => (holds ? "yes" : "no")

/** The card of a whole search. */
export function classificationCard<Shown>(found: Verdicts<Shown> & { readonly tried: number }): Card {
  const { forms, tried } = found
  const offenders = offendingMnemonics(found)
  const count = (which: (form: FormVerdict<Shown>) => boolean) => String(forms.filter(which).length)
  return {
    title: `Classification of ${forms.length} forms of instructions, ${tried.toLocaleString("en")} states tried`,
    rows: [
      ["privileged", count(({ privileged }) => privileged)],
      ["sensitive", count(isSensitive)],
      ["neither", count((form) => kindOf(form) === "neither")],
      ["sensitive, and complete in user mode", count(({ offender }) => offender)],
    ],
    more: offenders.length > 0 ? `Offenders: ${offenders.join(", ")}` : undefined,
  }
}

/** The card of a form. */
export const formCard = (form: FormVerdict): Card => ({
  title: `${form.form}: ${kindOf(form)}${form.offender ? ", an offender" : ""}`,
  rows: [
    ["privileged", yesNo(form.privileged)],
    ["control-sensitive", yesNo(form.control)],
    ["behaviour-sensitive", yesNo(form.behaviour)],
    ["states tried", form.tried.toLocaleString("en")],
  ],
  more: Object.values(form.witnesses)[0]?.sentence,
})

/** The card of a comparison with a published list. */
export function comparisonCard(rows: readonly { readonly mnemonic: string; readonly where: string }[]): Card {
  const places = [...new Set(rows.map(({ where }) => where))]
  const names = (place: string) => rows.filter(({ where }) => where === place).map(({ mnemonic }) => mnemonic)
  return {
    title: "What was found, beside the list of Robin and Irvine",
    rows: places.map((place) => [place, names(place).join(", ")]),
  }
}

/** The card of a witness. */
export const witnessCard = ({ form, shows, differs, sentence }: Witness): Card => ({
  title: `Witness of ${form} (${shows}): two situations that differ in ${differs}`,
  says: [sentence],
})
