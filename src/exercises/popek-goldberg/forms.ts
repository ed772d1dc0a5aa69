/** Instructions that the exercises on Popek and Goldberg ask about, and how a question finds out what they are: by running them. */
import { once } from "../../guests/once"
import { CONDITIONS, type Conditions, type FormVerdict } from "../../theory/classification"
import { classify } from "../../theory/ia32/classify"
import { mostTelling } from "../../views/verdict"
import type { DecidingRun } from "../exercise"
import { witnessed } from "../runs"

/** One form of an instruction, and how a program would write it. */
export interface Instruction {
  readonly form: string
  readonly written: string
}

const instruction = (written: string, form: string): Instruction => ({ written, form })

/** Sensitive, and silent outside ring 0. */
export const SILENT: readonly Instruction[] = [
  instruction("popfd", "POPFD"),
  instruction("pushfd", "PUSHFD"),
  instruction("sgdt [edi]", "SGDT m"),
  instruction("sidt [edi]", "SIDT m"),
  instruction("sldt eax", "SLDT r32/m16 · register"),
  instruction("str eax", "STR r32/m16 · register"),
  instruction("smsw eax", "SMSW r32/m16 · register"),
  instruction("lar eax, bx", "LAR r32, r/m16 · register"),
  instruction("lsl eax, bx", "LSL r32, r/m16 · register"),
  instruction("verr bx", "VERR r/m16 · register"),
  instruction("verw bx", "VERW r/m16 · register"),
  instruction("push cs", "PUSH CS"),
  instruction("push ss", "PUSH SS"),
]

/** Refused outside ring 0, by CPL or by IOPL. */
export const REFUSED: readonly Instruction[] = [
  instruction("hlt", "HLT"),
  instruction("clts", "CLTS"),
  instruction("lgdt [edi]", "LGDT m16&32"),
  instruction("lidt [edi]", "LIDT m16&32"),
  instruction("lldt bx", "LLDT r/m16 · register"),
  instruction("ltr bx", "LTR r/m16 · register"),
  instruction("lmsw ax", "LMSW r/m16 · register"),
  instruction("mov cr3, eax", "MOV CR, r32"),
  instruction("mov eax, cr0", "MOV r32, CR"),
  instruction("wbinvd", "WBINVD"),
  instruction("invd", "INVD"),
]

/** Refused where CPL is greater than IOPL. */
export const BY_IOPL: readonly Instruction[] = [
  instruction("cli", "CLI"),
  instruction("sti", "STI"),
  instruction("in al, dx", "IN AL, DX"),
  instruction("out dx, al", "OUT DX, AL"),
]

/** Everybody's. */
export const HARMLESS: readonly Instruction[] = [
  instruction("mov eax, ebx", "MOV r32, r/m32 · register"),
  instruction("add [edi], eax", "ADD r/m32, r32 · memory"),
  instruction("push eax", "PUSH r32"),
  instruction("push ds", "PUSH DS"),
  instruction("lea eax, [edi]", "LEA r32, m"),
  instruction("xchg ebx, ecx", "XCHG r/m32, r32 · register"),
  instruction("lahf", "LAHF"),
  instruction("cld", "CLD"),
  instruction("cpuid", "CPUID"),
  instruction("call eax", "CALL r/m32 · register"),
  instruction("bswap eax", "BSWAP r32"),
  instruction("lodsb", "LODSB"),
]

/** All that questions choose from. */
export const INSTRUCTIONS: readonly Instruction[] = [...SILENT, ...REFUSED, ...BY_IOPL, ...HARMLESS]

/** What CR4.UMIP is for. */
export const UMIP_NAMES: readonly string[] = ["SGDT", "SIDT", "SLDT", "SMSW", "STR"]

/** Under which conditions a question may ask. */
export type Asked = Pick<Conditions, "ring" | "iopl" | "umip">

const ASKED: readonly Asked[] = ([1, 3] as const).flatMap((ring) =>
  ([0, 3] as const).flatMap((iopl) => [false, true].map((umip) => ({ ring, iopl, umip }))),
)
const keyOf = ({ form }: Instruction, { ring, iopl, umip }: Asked) => `${form} ${ring} ${iopl} ${umip}`

/**
 * What is found out about an instruction under some conditions. It takes the machine a while and comes out the same each
 * time, so it is done when it is first asked for.
 */
export function foundOut<Found>(find: (instruction: Instruction, asked: Asked) => Found) {
  const all = INSTRUCTIONS.flatMap((instruction) =>
    ASKED.map((asked) => [keyOf(instruction, asked), once(() => find(instruction, asked))] as const),
  )
  const byKey = new Map(all)
  return (instruction: Instruction, asked: Asked): Found => {
    const found = byKey.get(keyOf(instruction, asked))
    if (!found) throw new RangeError(`no question asks about ${keyOf(instruction, asked)}`)
    return found()
  }
}

/** States to try for each form: as many as a whole search takes. */
const STATES = 2000

/** Run one form. @throws RangeError if the machine has no such form */
export function classifyForm(wanted: string, conditions: Partial<Conditions>, states = STATES): FormVerdict {
  const options = { states, forms: ({ form }: { form: string }) => form === wanted }
  const [found] = classify({ ...CONDITIONS, ...conditions }, options).forms
  if (!found) throw new RangeError(`there is no form "${wanted}"`)
  return found
}

/** What running an instruction from many states shows. */
export const verdictOf = foundOut(({ form }, asked) => classifyForm(form, asked))

/** The witnesses that say most, in words, or how long one was looked for. */
export function evidence({ privileged, witnesses, tried, form, pairs }: FormVerdict): string {
  const { behaviour, control } = witnesses
  const told = privileged
    ? [witnesses.privileged, control ?? behaviour]
    : [behaviour ?? control ?? witnesses.privileged]
  const [witness, other] = told.flatMap((each) => each?.sentence ?? [])
  if (witness) return `The witness: ${witness}${other ? ` And another: ${other}` : ""}`
  return `${form} was run from ${tried} states. ${pairs.completed} times it completed in both modes, and each time it did the same in both, and changed nothing that is the machine's own.`
}

/** Makes the two runs that say most about one of these forms; undefined if none has a witness. */
export function decidingWitness(...forms: readonly FormVerdict[]): (() => DecidingRun) | undefined {
  const [witness] = forms.flatMap(({ witnesses }) => mostTelling(witnesses) ?? [])
  return witness && (() => witnessed(witness))
}

/** How a question says under which conditions it is asked. */
export function given({ ring, iopl, umip }: Asked): string {
  return `User mode is ring ${ring}, IOPL is ${iopl}, CR4.UMIP is ${umip ? 1 : 0}.`
}
