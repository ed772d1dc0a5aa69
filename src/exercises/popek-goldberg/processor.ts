/** Small processors: a handful of instructions, chosen by seed. The theorems hold for one and not for another. */
import type { Random } from "../../numbers/random"
import {
  type Classification,
  CONDITIONS,
  type Conditions,
  type FormVerdict,
  offendersOf,
} from "../../theory/classification"
import {
  type Asked,
  BY_IOPL,
  classifyForm,
  foundOut,
  HARMLESS,
  type Instruction,
  REFUSED,
  SILENT,
  verdictOf,
} from "./forms"

/** A processor that has these instructions and no others. */
export interface Processor {
  readonly instructions: readonly Instruction[]
  readonly conditions: Asked
}

/** A processor with so many instructions that may be offenders. */
export function someProcessor(choose: Random, silent: number): Processor {
  const some = (from: readonly Instruction[], count: number) => choose.shuffled([...from]).slice(0, count)
  const instructions = [
    ...some(SILENT, silent),
    ...some(REFUSED, 1 + choose.below(2)),
    ...some(BY_IOPL, choose.below(2)),
    ...some(HARMLESS, 1 + choose.below(2)),
  ]
  const conditions = {
    ring: choose.pick([1, 3] as const),
    iopl: choose.pick([0, 0, 0, 3] as const),
    umip: choose.below(4) === 0,
  }
  return { instructions: choose.shuffled(instructions), conditions }
}

/** All that the processor can do, classified. */
export function classifyProcessor({ instructions, conditions }: Processor): Classification {
  return classificationOf(
    instructions.map((instruction) => verdictOf(instruction, conditions)),
    { ...CONDITIONS, ...conditions },
  )
}

/** Enough to see that something traps. */
const FEW_STATES = 100

/** What is left of an instruction if it is made to trap outside ring 0. */
const repairedVerdictOf = foundOut((instruction, asked) => {
  const { form, mnemonic } = verdictOf(instruction, asked)
  return classifyForm(form, { ...asked, repaired: [mnemonic] }, FEW_STATES)
})

/** The processor with its offenders made to trap. */
export function repairProcessor({ instructions, conditions }: Processor): Classification {
  const forms = instructions.map((instruction) => {
    const verdict = verdictOf(instruction, conditions)
    return verdict.offender ? repairedVerdictOf(instruction, conditions) : verdict
  })
  const repaired = mnemonicsOf(offendersOf(classifyProcessor({ instructions, conditions })))
  return classificationOf(forms, { ...CONDITIONS, ...conditions, repaired })
}

const classificationOf = (forms: readonly FormVerdict[], conditions: Conditions): Classification => ({
  conditions,
  forms,
  tried: forms.reduce((sum, { tried }) => sum + tried, 0),
})

/** The processor's instructions, a line each. */
export const listingOf = ({ instructions }: Processor) =>
  instructions.map(({ written }) => written).join("\n")

/** Names to repair by, in the order of the forms. */
export const mnemonicsOf = (forms: readonly FormVerdict[]) => [
  ...new Set(forms.map(({ mnemonic }) => mnemonic)),
]
