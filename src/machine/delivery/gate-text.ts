/**
 * Checked gates, and returns by IRETD, as the text of JavaScript functions. A function makes the transfer and returns true; or
 * something is not as it was, and it returns false with nothing done.
 */
import { RF, VM } from "../../isa/eflags"
import { CS, ESP, SS, TR } from "../../isa/registers"
import type { CheckedEntry, Target } from "../processor/checked-gates"
import { type Cache, TYPE_ACCESSED } from "../processor/descriptors"
import { fieldOf, imageOf } from "../processor/segments"

/** Eight bytes that a check read: where they are, and what they held. */
export interface ReadWords {
  readonly linear: number
  readonly physical: number
  readonly low: number
  readonly high: number
}

/** What the checks of a gate were decided by. */
export interface Basis {
  readonly cpl: number
  readonly gdtr: { readonly base: number; readonly limit: number }
  readonly idtr: { readonly base: number; readonly limit: number }
  readonly task: Cache
  readonly words: readonly ReadWords[]
  /** The TLB's, by which the addresses were found. */
  readonly translations: number
}

/** Where the stack of a handler in another ring begins. */
export interface StackTop {
  /** Addresses that the TSS's ESP is. */
  readonly linear: number
  readonly physical: number
  /** `Memory.marks` when it was found that a frame can be written there. */
  readonly marks: number
}

/** Bytes of EIP, CS and EFLAGS; with ESP and SS; with an error code besides. */
const SHORT_FRAME = 12
export const FRAME = 20
export const ERROR_CODE = 4

const HEAD = `"use strict"
return (cpu, memory, drop, frameOnStack) => {
const { reg, flags: fl, linear, segments, gdtr, idtr, prices } = cpu, { fields } = segments, { tlb } = linear, { view } = memory`

/** A function of (errorCode or null, whether RF is set in the saved EFLAGS). Without a top the handler has the stack that there is. */
export function entryText(entry: CheckedEntry, top: StackTop | undefined, basis: Basis): string {
  const { offset, clears } = entry
  const bytes = top ? FRAME : SHORT_FRAME
  const most = FRAME + ERROR_CODE
  const moved = top ? `${below(top, most)} !== ${top.physical - most}` : ""
  const frame = top
    ? `memory.marks === ${top.marks} ? ${top.physical} - size : ${below(top, "size")}`
    : "frameOnStack(cpu, esp, size, true)"
  return `${HEAD}
let seen = ${basis.translations}
return (errorCode, resume) => {
if (fl.has(${VM})) return false
${isAsItWas(basis, true, moved)}
const size = errorCode === null ? ${bytes} : ${bytes + ERROR_CODE}, esp = ${top ? entry.esp : `reg[${ESP}]`} - size | 0
let at = ${frame}
if (at < 0) return false
if (errorCode !== null) { view.setInt32(at, errorCode, true); at = at + ${ERROR_CODE} | 0 }
view.setInt32(at, cpu.eip, true)
view.setInt32(at + 4, fields[${CS}], true)
view.setInt32(at + 8, resume ? fl.value | ${RF} : fl.value, true)
${top ? `view.setInt32(at + 12, reg[${ESP}], true); view.setInt32(at + 16, fields[${SS}], true)` : ""}
${goTo(entry)}
reg[${ESP}] = esp
cpu.eip = ${offset}
cpu.ringChanged(${basis.cpl})
fl.put(${clears}, 0)
return true
}
}`
}

/** Physical address of so many bytes below a stack's top, or -1. */
const below = ({ linear }: StackTop, bytes: number | string) =>
  `linear.frameAt(false, ${linear} - ${bytes} | 0, ${bytes}, true)`

/** A function of (physical address of the frame, EIP and EFLAGS in it, which EFLAGS are loaded). */
export function returnText(target: Target, basis: Basis): string {
  const { stack } = target
  const otherStack = stack ? `if (view.getUint16(frame + 16, true) !== ${stack.selector}) return false` : ""
  const esp = stack ? "view.getInt32(frame + 12, true)" : `reg[${ESP}] + ${SHORT_FRAME} | 0`
  return `${HEAD}
let seen = ${basis.translations}
return (frame, eip, flags, mask) => {
if (eip >>> 0 > ${target.code.limit}) return false
${otherStack}
${isAsItWas(basis, false, "")}
const esp = ${esp}
cpu.popFlags(mask, flags)
${goTo(target)}
reg[${ESP}] = esp
cpu.eip = eip
cpu.ringChanged(${basis.cpl})
${stack ? "drop(cpu)" : ""}
return true
}
}`
}

/** Return if anything is not as it was. Where the TLB has changed, addresses are found once more; nothing is translated anew. */
function isAsItWas({ cpl, gdtr, idtr, task, words }: Basis, entering: boolean, moved: string): string {
  const registers = [
    `segments.cpl !== ${cpl}`,
    `gdtr.base !== ${gdtr.base}`,
    `gdtr.limit !== ${gdtr.limit}`,
    ...(entering ? [`idtr.base !== ${idtr.base}`, `idtr.limit !== ${idtr.limit}`, ...differs(TR, task)] : []),
  ]
  const addresses = words.map(
    ({ linear, physical }) => `linear.frameAt(false, ${linear}, 8, false) !== ${physical}`,
  )
  const contents = words.flatMap(({ physical, low, high }) => [
    `view.getInt32(${physical}, true) !== ${low}`,
    `view.getInt32(${physical + 4}, true) !== ${high}`,
  ])
  return `if (${registers.join(" || ")}) return false
if (tlb.translations !== seen) {
if (${[...addresses, ...(moved ? [moved] : [])].join(" || ")}) return false
seen = tlb.translations
}
if (${contents.join(" || ")}) return false`
}

function differs(register: number, { base, limit, access }: Cache): string[] {
  return [base, limit, access].map((value, n) => `fields[${fieldOf(register, n + 1)}] !== ${value | 0}`)
}

/** Load CS, and SS if there is another stack. */
function goTo({ selector, code, ring, stack }: Target): string {
  const other = stack ? `cpu.charge(prices.stackSwitch)\n${load(SS, stack.selector, stack.segment)}\n` : ""
  return `${other}${load(CS, selector, code)}\nsegments.enterRing(${ring})`
}

function load(register: number, selector: number, cache: Cache): string {
  const { fields, stays, sets } = imageOf(register, selector, cache, cache.access | TYPE_ACCESSED)
  const loads = fields.map((value, n) => `fields[${fieldOf(register, n)}] = ${value}`)
  return [...loads, `segments.summary = segments.summary & ${stays} | ${sets}`].join("; ")
}
