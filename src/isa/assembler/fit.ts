/** Which operands fit which entry of the table's syntax column: by kind and size first, then by value. */
import type { OperandType, Row } from "../notation"
import { CS, DS, ES, FS, GS, SS } from "../registers"
import type { RegisterKind } from "./names"
import type { Given } from "./operand"
import type { Base, Value } from "./value"

/** Where an instruction is put. */
export interface Place {
  readonly address: number
  readonly section: Base
}

/** Whether an operand fits by kind and size. `size` is the operand size. */
type Shape = (given: Given, size: 16 | 32, row: Row) => boolean

const sizeIs = (given: Given, size: number) => given.size === undefined || given.size === size

const isNear = ({ distance }: Given) => distance === "" || distance === "near"

const general = (given: Given, size: number) =>
  given.kind === "register" &&
  given.register.kind === "register" &&
  given.register.size === size &&
  isNear(given) &&
  sizeIs(given, size)

const memory = (given: Given, size: number) => given.kind === "memory" && sizeIs(given, size) && isNear(given)

const immediate = (given: Given, size: number) =>
  given.kind === "immediate" && given.distance === "" && sizeIs(given, size)

const fixed =
  (number: number, size?: 8 | 16): Shape =>
  (given, operandSize) =>
    general(given, size ?? operandSize) && given.kind === "register" && given.register.number === number

const ofKind =
  (kind: RegisterKind, number?: number): Shape =>
  (given) =>
    given.kind === "register" &&
    given.register.kind === kind &&
    (number === undefined || given.register.number === number)

/** MOV to a segment register, LAR and LSL read 16 bits, but their source may be named by its 32-bit register. */
const WIDE_SOURCE = new Set(["MOV", "LAR", "LSL"])
/** What widens must be told what from; a 16-bit destination leaves only a byte. */
const WIDENING = new Set(["MOVZX", "MOVSX"])
const FAR_BRANCHES = new Set(["JMP", "CALL"])

const wordSource: Shape = (given, size, row) => {
  if (WIDENING.has(row.name) && size === 16 && given.kind === "memory") return given.size === 16
  return general(given, 16) || memory(given, 16) || (WIDE_SOURCE.has(row.name) && general(given, 32))
}

/** The result of BSWAP with 16 bits is undefined, and nobody writes it. */
const doubleword: Shape = (given, size, row) => general(given, size) && (row.name !== "BSWAP" || size === 32)

/** `far` must be written for jumps and calls, which have a near form as well. */
const farPointer: Shape = (given, size, row) => {
  if (given.kind !== "memory") return false
  return FAR_BRANCHES.has(row.name)
    ? given.distance === "far" && sizeIs(given, size)
    : given.distance === "" && given.size === undefined
}

const shortTarget: Shape = (given) =>
  given.kind === "immediate" &&
  given.size === undefined &&
  (given.distance === "" || given.distance === "short")

const nearTarget: Shape = (given, size) =>
  given.kind === "immediate" && sizeIs(given, size) && (given.distance === "" || given.distance === "near")

const shortNumber: Shape = (given, size) => immediate(given, 8) || (immediate(given, size) && !given.strict)

const withoutRegisters = (given: Given, size: number) =>
  given.kind === "memory" && given.address.terms.length === 0 && memory(given, size)

const bare: Shape = (given) => given.kind === "memory" && given.size === undefined && given.distance === ""

/** LEA computes an address; a size before it means nothing and is often written. */
const anyMemory: Shape = (given, size, row) =>
  bare(given, size, row) || (row.name === "LEA" && given.kind === "memory")

const SHAPES: Readonly<Record<OperandType, Shape>> = {
  r8: (given) => general(given, 8),
  r16: (given) => general(given, 16),
  r32: doubleword,
  "r/m8": (given) => general(given, 8) || memory(given, 8),
  "r/m16": wordSource,
  "r/m32": (given, size) => general(given, size) || memory(given, size),
  "r32/m16": (given, size) => general(given, size) || memory(given, 16),
  m: anyMemory,
  m8: (given) => memory(given, 8),
  m16: (given) => memory(given, 16),
  m32: (given, size) => memory(given, size),
  m64: (given) => memory(given, 64),
  "m16&32": bare,
  "m32&32": bare,
  "m16:32": farPointer,
  moffs8: (given) => withoutRegisters(given, 8),
  moffs32: withoutRegisters,
  imm8: (given) => immediate(given, 8),
  simm8: shortNumber,
  imm16: (given) => immediate(given, 16),
  imm32: immediate,
  rel8: shortTarget,
  rel32: nearTarget,
  "ptr16:32": (given, size) => given.kind === "far" && sizeIs(given, size) && given.distance === "",
  Sreg: ofKind("segment"),
  CR: ofKind("control"),
  DR: ofKind("debug"),
  AL: fixed(0, 8),
  AX: fixed(0, 16),
  EAX: fixed(0),
  CL: fixed(1, 8),
  DX: fixed(2, 16),
  "1": (given) => given.kind === "immediate" && given.size === undefined,
  "3": (given) => given.kind === "immediate" && given.size === undefined,
  ES: ofKind("segment", ES),
  CS: ofKind("segment", CS),
  SS: ofKind("segment", SS),
  DS: ofKind("segment", DS),
  FS: ofKind("segment", FS),
  GS: ofKind("segment", GS),
}

/** Whether an operand fits by kind and size, its value aside. */
export function hasShape(type: OperandType, given: Given, size: 16 | 32, row: Row): boolean {
  return SHAPES[type](given, size, row)
}

/** Entries of the syntax column that the operand size gives their width. */
const BY_OPERAND_SIZE = new Set<OperandType>([
  "r32",
  "r/m32",
  "r32/m16",
  "m32",
  "m16:32",
  "moffs32",
  "simm8",
  "imm32",
  "rel32",
  "ptr16:32",
  "EAX",
])

/** Whether the same row stands for a 16- and a 32-bit instruction that its operands tell apart. */
export function isSizedByOperands(row: Row): boolean {
  return row.operands.some((type) => BY_OPERAND_SIZE.has(type))
}

const MEMORY_WIDTH: Readonly<Partial<Record<OperandType, number>>> = {
  "r/m8": 8,
  moffs8: 8,
  m8: 8,
  "r/m16": 16,
  "r32/m16": 16,
  m16: 16,
}

/** Bits of memory that an operand of this type stands for; 0: the instruction settles it. */
export function memoryWidth(type: OperandType, size: 16 | 32): number {
  return MEMORY_WIDTH[type] ?? (BY_OPERAND_SIZE.has(type) ? size : 0)
}

/** The values that an immediate operand may have, as an inclusive range. */
export type Range = readonly [least: bigint, most: bigint]

const BYTE: Range = [-128n, 255n]
const WORD: Range = [-0x8000n, 0xffffn]
const DWORD: Range = [-0x80000000n, 0xffffffffn]
const SIGNED_BYTE: Range = [-128n, 127n]

/** What fits signed or unsigned into `bits`. */
export function rangeOf(bits: number): Range {
  return [-(1n << BigInt(bits - 1)), (1n << BigInt(bits)) - 1n]
}

/** The range that an immediate of this type must keep to. */
export function immediateRange(type: OperandType, size: 16 | 32): Range | undefined {
  if (type === "imm8") return BYTE
  if (type === "imm16") return WORD
  if (type === "imm32") return size === 32 ? DWORD : WORD
  return type === "simm8" ? SIGNED_BYTE : undefined
}

/** Whether a number lies in a range. */
export function within(number: bigint, [least, most]: Range): boolean {
  return number >= least && number <= most
}

/** Whether a near branch can name its target: one of 16 bits stays in its 64 KiB, wherever their segment begins. */
export function nearReaches(target: bigint, size: 16 | 32, place: Place): boolean {
  const near = within(target, rangeOf(32)) && within(target - BigInt(place.address), rangeOf(size))
  return near || within(target, rangeOf(size))
}

/** Whether an immediate's value fits. What is not known yet fits, so that the first pass is the shortest program. */
export function immediateFits(type: OperandType, value: Value, size: 16 | 32): boolean {
  if (!value.known) return true
  if (type === "1" || type === "3") return value.base === "constant" && value.number === BigInt(type)
  if (type === "simm8") return value.base === "constant" && fitsSignExtended(value.number, size)
  const range = immediateRange(type, size)
  return range === undefined || within(value.number, range)
}

/** FFFFFFFFh is -1 in 32 bits, FFFFh in 16. */
function fitsSignExtended(number: bigint, size: 16 | 32): boolean {
  return within(number, size === 32 ? DWORD : WORD) && within(BigInt.asIntN(size, number), SIGNED_BYTE)
}
