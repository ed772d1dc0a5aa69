/**
 * String instructions and their repetition. Each iteration is a step of its own: an interrupt or a fault between two
 * leaves the registers so that the instruction goes on where it was.
 * @see SDM Vol. 1 §7.3.9 "String Instructions", Vol. 2B "REP/REPE/REPZ/REPNE/REPNZ"
 */
import { type Size, unsigned } from "../../numbers/int"
import { DF } from "../eflags"
import type { Instruction } from "../operand"
import { type Need, type Perform, type Processor, SUBTRACTION } from "../processor"
import { DS, EAX, ECX, EDI, EDX, ES, ESI } from "../registers"

/** One iteration, on elements of `size` bits. */
type Iteration = (p: Processor, i: Instruction, size: Size) => void

/** An offset register's value in the instruction's address size. */
function pointer(p: Processor, register: number, i: Instruction): number {
  return i.addressSize === 32 ? p.reg[register] : p.reg[register] & 0xffff
}

function setPointer(p: Processor, register: number, i: Instruction, value: number): void {
  p.reg[register] = i.addressSize === 32 ? value : (p.reg[register] & ~0xffff) | (value & 0xffff)
}

function advance(p: Processor, register: number, i: Instruction, size: Size): void {
  const distance = p.flags.has(DF) ? -size / 8 : size / 8
  setPointer(p, register, i, pointer(p, register, i) + distance)
}

const source = (i: Instruction) => (i.override >= 0 ? i.override : DS)
const readSource = (p: Processor, i: Instruction, size: Size) => p.load(source(i), pointer(p, ESI, i), size)

function compare(p: Processor, a: number, b: number, size: Size): void {
  const k = 32 - size
  p.flags.pend(SUBTRACTION, a << k, b << k, (a - b) << k, k)
}

/** Whether REPE or REPNE stops here: CMPS and SCAS look at ZF. */
const zeroFlagStops = (p: Processor, i: Instruction) => p.flags.zero() !== (i.repeat === 0xf3)
const nothingStops = () => false
const none: Many = () => 0
const upwards = (p: Processor, i: Instruction) => i.addressSize === 32 && !p.flags.has(DF)

/** What some string instructions do beside iterating. */
interface Rules {
  /** Ends the repetition. */
  readonly stops?: (p: Processor, i: Instruction) => boolean
  /** Even if the count is 0. */
  readonly needs?: readonly Need[]
  /** Does up to so many iterations at once, all but the count in (E)CX; answers how many. */
  readonly many?: Many
}
type Many = (p: Processor, i: Instruction, size: Size, most: number) => number

/** Make an instruction of an iteration: once without a prefix, else (E)CX times. */
function string(
  bytes: boolean,
  one: Iteration,
  { stops = nothingStops, needs = [], many = none }: Rules = {},
): Perform {
  const f = (p: Processor, i: Instruction) => {
    const size = bytes ? 8 : i.operandSize
    if (i.repeat === 0) one(p, i, size)
    else repeat(p, i, size, one, stops, many)
  }
  return { kind: "perform", f, ends: false, string: true, needs }
}

function repeat(
  p: Processor,
  i: Instruction,
  size: Size,
  one: Iteration,
  stops: (p: Processor, i: Instruction) => boolean,
  many: Many,
) {
  let left = unsigned(p.reg[ECX], i.addressSize)
  const before = stops === nothingStops ? null : (p.repeatFlags ?? p.flags.value)
  while (left !== 0) {
    // The last iteration goes the ordinary way: it leaves the flags, and may be the one that stops.
    left -= upwards(p, i) ? many(p, i, size, left - 1) : 0
    setPointer(p, ECX, i, left)
    iterate(p, i, size, one, before)
    left--
    setPointer(p, ECX, i, left)
    if (left === 0 || stops(p, i)) break
    if (!p.another()) {
      p.eip -= i.length
      p.suspended = true
      p.repeatFlags = before
      return
    }
  }
  p.repeatFlags = null
}

/** One iteration; if it faults, a comparison's flags are those from before the instruction. */
function iterate(p: Processor, i: Instruction, size: Size, one: Iteration, before: number | null): void {
  if (before === null) {
    one(p, i, size)
    return
  }
  try {
    one(p, i, size)
  } catch (fault) {
    p.flags.value = before
    p.repeatFlags = null
    throw fault
  }
}

const movs: Iteration = (p, i, size) => {
  p.store(ES, pointer(p, EDI, i), size, readSource(p, i, size))
  advance(p, ESI, i, size)
  advance(p, EDI, i, size)
}
const stos: Iteration = (p, i, size) => {
  p.store(ES, pointer(p, EDI, i), size, p.reg[EAX])
  advance(p, EDI, i, size)
}
const lods: Iteration = (p, i, size) => {
  const value = readSource(p, i, size)
  const kept = size === 32 ? 0 : p.reg[EAX] & (-1 << size)
  p.reg[EAX] = kept | unsigned(value, size)
  advance(p, ESI, i, size)
}
const cmps: Iteration = (p, i, size) => {
  // Processors look at ES:(E)DI first, which shows when both would fault.
  const b = p.load(ES, pointer(p, EDI, i), size)
  compare(p, readSource(p, i, size), b, size)
  advance(p, ESI, i, size)
  advance(p, EDI, i, size)
}
const scas: Iteration = (p, i, size) => {
  compare(p, p.reg[EAX], p.load(ES, pointer(p, EDI, i), size), size)
  advance(p, EDI, i, size)
}
const manyMovs: Many = (p, i, size, most) => {
  const count = p.copyAtOnce(source(i), p.reg[ESI], p.reg[EDI], size, most)
  p.reg[ESI] += (count * size) / 8
  p.reg[EDI] += (count * size) / 8
  return count
}
const manyStos: Many = (p, _i, size, most) => {
  const count = p.fillAtOnce(p.reg[EDI], p.reg[EAX], size, most)
  p.reg[EDI] += (count * size) / 8
  return count
}
const manyScas: Many = (p, i, size, most) => {
  const count = p.scanAtOnce(p.reg[EDI], p.reg[EAX], i.repeat === 0xf3, size, most)
  p.reg[EDI] += (count * size) / 8
  return count
}
const manyCmps: Many = (p, i, size, most) => {
  const count = p.compareAtOnce(source(i), p.reg[ESI], p.reg[EDI], i.repeat === 0xf3, size, most)
  p.reg[ESI] += (count * size) / 8
  p.reg[EDI] += (count * size) / 8
  return count
}
/** The port's permission comes before everything else. */
const permission =
  (bytes: boolean): Need =>
  (p, i) =>
    p.requirePort(p.reg[EDX] & 0xffff, bytes ? 8 : i.operandSize)

/** INS: the destination is checked before the port is read, for a read may not be undone. */
const ins: Iteration = (p, i, size) => {
  p.probeWrite(ES, pointer(p, EDI, i), size / 8)
  p.store(ES, pointer(p, EDI, i), size, p.inPort(p.reg[EDX] & 0xffff, size))
  advance(p, EDI, i, size)
}
const outs: Iteration = (p, i, size) => {
  p.outPort(p.reg[EDX] & 0xffff, size, readSource(p, i, size))
  advance(p, ESI, i, size)
}

export const movsb = string(true, movs, { many: manyMovs })
export const movsd = string(false, movs, { many: manyMovs })
export const stosb = string(true, stos, { many: manyStos })
export const stosd = string(false, stos, { many: manyStos })
export const lodsb = string(true, lods)
export const lodsd = string(false, lods)
export const cmpsb = string(true, cmps, { stops: zeroFlagStops, many: manyCmps })
export const cmpsd = string(false, cmps, { stops: zeroFlagStops, many: manyCmps })
export const scasb = string(true, scas, { stops: zeroFlagStops, many: manyScas })
export const scasd = string(false, scas, { stops: zeroFlagStops, many: manyScas })
export const insb = string(true, ins, { needs: [permission(true)] })
export const insd = string(false, ins, { needs: [permission(false)] })
export const outsb = string(true, outs, { needs: [permission(true)] })
export const outsd = string(false, outs, { needs: [permission(false)] })
