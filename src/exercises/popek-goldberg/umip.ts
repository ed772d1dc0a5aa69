/** How much of the trouble a later processor takes away. */
import type { Random } from "../../numbers/random"
import { type FormVerdict, kindOf } from "../../theory/classification"
import { listed } from "../../theory/theorems"
import { type Posed, posedExercise, type Slip } from "../posed"
import {
  BY_IOPL,
  decidingWitness,
  evidence,
  given,
  HARMLESS,
  type Instruction,
  REFUSED,
  SILENT,
  UMIP_NAMES,
  verdictOf,
} from "./forms"

const RULE =
  'With CR4.UMIP set, SGDT, SIDT, SLDT, SMSW and STR raise #GP(0) if CPL is greater than 0 (SDM Vol. 3A §2.5 "Control Registers"). An offender is sensitive and completes in user mode.'

const offenders = (forms: readonly FormVerdict[]) => forms.filter(({ offender }) => offender)
const names = (forms: readonly FormVerdict[]) => listed(forms.map(({ mnemonic }) => mnemonic)) || "none"

function slips(before: readonly FormVerdict[], after: readonly FormVerdict[]): Slip[] {
  const [had, has] = [offenders(before), offenders(after)]
  const closed = had.filter((form) => !has.some((other) => other.form === form.form))
  const silent = after.filter((form) => kindOf(form) === "neither" || form.offender)
  return [
    {
      answer: had.length,
      misconception: "umip-changes-nothing",
      text: "So many were there without UMIP. Does it close none of them?",
    },
    {
      answer: 0,
      misconception: "umip-closes-all",
      text: "UMIP was made for instructions that show where tables lie. Is nothing else here sensitive?",
    },
    {
      answer: closed.length,
      misconception: "counts-the-closed",
      text: "That is how many UMIP closes. Asked is what is left.",
    },
    {
      answer: silent.length,
      misconception: "unprivileged-means-dangerous",
      text: `So many complete in user mode. But not each of them is sensitive.`,
    },
  ]
}

/** Some of each kind, so that each thought leads to a number of its own. */
function chooseInstructions(choose: Random): readonly Instruction[] {
  const umip = SILENT.filter(({ form }) => UMIP_NAMES.some((name) => form.startsWith(name)))
  const others = SILENT.filter((instruction) => !umip.includes(instruction))
  const some = (from: readonly Instruction[], count: number) => choose.shuffled([...from]).slice(0, count)
  return choose.shuffled([
    ...some(umip, 1 + choose.below(3)),
    ...some(others, choose.below(4)),
    ...some(choose.pick([REFUSED, BY_IOPL]), 1),
    ...some(HARMLESS, 1),
  ])
}

function pose(choose: Random): Posed {
  const instructions = chooseInstructions(choose)
  const without = { ring: choose.pick([1, 3] as const), iopl: 0 as const, umip: false }
  const withUmip = { ...without, umip: true }
  const before = instructions.map((instruction) => verdictOf(instruction, without))
  const after = instructions.map((instruction) => verdictOf(instruction, withUmip))
  const left = offenders(after)
  return {
    text: `${given(withUmip)}\n\nHow many of these instructions are offenders?`,
    listing: instructions.map(({ written }) => written).join("\n"),
    form: { kind: "number", unit: "offenders" },
    answer: left.length,
    because: `Offenders without UMIP: ${names(offenders(before))}. With it: ${names(left)}. ${left.length > 0 ? evidence(left[0]) : ""}`,
    look: "Take them one by one: does it complete in user mode with UMIP, and if it does, is it sensitive?",
    rule: RULE,
    slips: slips(before, after),
    run: decidingWitness(...left, ...offenders(before)),
  }
}

/** The instructions are run with and without UMIP; the student counts what is left. */
export const UMIP = posedExercise("popek-goldberg/umip", "What does UMIP leave open?", pose)
