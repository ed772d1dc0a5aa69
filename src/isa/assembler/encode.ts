/** An instruction whose form is settled, to bytes. The table says which bytes; this file puts them in order. */
import type { OperandType, Row, Tail } from "../notation"
import { CS, DS, ES, FS, GS, SS } from "../registers"
import { type EncodedAddress, encodeAddress, little, resolveAddress } from "./address"
import type { Place } from "./fit"
import type { Meaning, PrefixMeaning } from "./names"
import type { Given } from "./operand"

/** A row with operands that fit it. */
export interface Form {
  readonly meaning: Meaning
  readonly row: Row
  readonly operandSize: 16 | 32
  /** Address size where no memory operand tells. */
  readonly addressSize: 16 | 32
  readonly operands: readonly Given[]
  readonly prefixes: PrefixMeaning
  /** Of the code segment. */
  readonly bits: 16 | 32
}

const SEGMENT_PREFIX: Readonly<Record<number, number>> = {
  [ES]: 0x26,
  [CS]: 0x2e,
  [SS]: 0x36,
  [DS]: 0x3e,
  [FS]: 0x64,
  [GS]: 0x65,
}

/** Encode a form at its place. Values that do not fit are cut: ask `fit` first. */
export function encode(form: Form, place: Place): number[] {
  const head = [...prefixBytes(form), ...opcodeBytes(form), ...modrmBytes(form)]
  const tails = form.row.encoding.tail
  const length = head.length + tails.reduce((sum, tail) => sum + tailLength(tail, form), 0)
  return [...head, ...tailBytes(form, place.address + length)]
}

/** Bytes of an instruction that has a byte as its distance; the target counts from its end. */
export function shortLength(form: Form): number {
  return prefixBytes(form).length + 2
}

/** Prefixes alone, in the order in which they are always put. */
export function prefixesAlone(prefixes: PrefixMeaning, bits: 16 | 32): number[] {
  return orderPrefixes(
    prefixes,
    prefixes.segment,
    prefixes.operandSize ?? bits,
    prefixes.addressSize ?? bits,
    bits,
  )
}

function prefixBytes(form: Form): number[] {
  const memory = memoryOperand(form)
  const segment = memory?.words.segment ?? form.prefixes.segment
  const operandSize = form.row.encoding.always32 ? (form.prefixes.operandSize ?? form.bits) : form.operandSize
  return orderPrefixes(form.prefixes, segment, operandSize, addressSizeOf(form), form.bits)
}

function orderPrefixes(
  p: PrefixMeaning,
  segment: number | undefined,
  operandSize: number,
  addressSize: number,
  bits: number,
) {
  const bytes: number[] = []
  if (p.repeat !== undefined) bytes.push(p.repeat)
  if (p.lock) bytes.push(0xf0)
  if (segment !== undefined) bytes.push(SEGMENT_PREFIX[segment])
  if (operandSize !== bits) bytes.push(0x66)
  if (addressSize !== bits) bytes.push(0x67)
  return bytes
}

function memoryOperand(form: Form) {
  for (const operand of form.operands) if (operand.kind === "memory") return operand
  return undefined
}

function addressSizeOf(form: Form): 16 | 32 {
  const memory = memoryOperand(form)
  return memory ? resolveAddress(memory, form.addressSize).size : form.addressSize
}

function opcodeBytes({ row, operands }: Form): number[] {
  const { opcode, escaped, plusRegister } = row.encoding
  const register = plusRegister
    ? registerNumber(operands[row.operands.findIndex((type) => /^r\d/.test(type))])
    : 0
  return escaped ? [0x0f, opcode + register] : [opcode + register]
}

/** Number of a register; 0 where the row leaves the field unused, as SETcc does. */
function registerNumber(given: Given | undefined): number {
  return given?.kind === "register" ? given.register.number : 0
}

const IN_REG = new Set<OperandType>(["r8", "r16", "r32", "Sreg", "CR", "DR"])
const IN_R_M = /^(r\/)?m|^r32\/m16$/

function modrmBytes(form: Form): number[] {
  const { row, operands } = form
  const { modrm } = row.encoding
  if (modrm === null) return []
  const [reg, rm] = isSystemMove(row)
    ? systemMove(form)
    : [
        operands.find((_, n) => IN_REG.has(row.operands[n])),
        operands.find((_, n) => IN_R_M.test(row.operands[n])),
      ]
  const field = modrm === "r" ? registerNumber(reg) : modrm
  const address = registerOrMemory(rm as Given, form)
  return [address.modrm | (field << 3), ...address.bytes]
}

const isSystemMove = (row: Row) => row.operands.includes("CR") || row.operands.includes("DR")

/** MOV CR and DR keep the system register in reg and the general one in r/m. */
function systemMove({ row, operands }: Form): readonly Given[] {
  return row.operands[0] === "r32" ? [operands[1], operands[0]] : operands
}

function registerOrMemory(given: Given, form: Form): EncodedAddress {
  if (given.kind !== "memory") return { modrm: 0xc0 | registerNumber(given), bytes: [] }
  return encodeAddress(resolveAddress(given, form.addressSize), given.column)
}

const FIXED_LENGTH: Readonly<Partial<Record<Tail, number>>> = { ib: 1, cb: 1, iw: 2 }

function tailLength(tail: Tail, form: Form): number {
  if (tail === "mo") return addressSizeOf(form) / 8
  return FIXED_LENGTH[tail] ?? form.operandSize / 8 + (tail === "cp" ? 2 : 0)
}

const HAS_TAIL = /^s?imm|^rel|^ptr|^moffs/

/** Immediates, in the order of the operands. @param next address of the next instruction */
function tailBytes(form: Form, next: number): number[] {
  const given = form.operands.filter((_, n) => HAS_TAIL.test(form.row.operands[n]))
  return form.row.encoding.tail.flatMap((tail, n) => tailOf(given[n], tail, form, next))
}

function tailOf(given: Given, tail: Tail, form: Form, next: number): number[] {
  const length = tailLength(tail, form)
  switch (given.kind) {
    case "memory":
      return little(resolveAddress(given, form.addressSize).displacement, length)
    case "far":
      return [...little(low32(given.offset.number), length - 2), ...little(low32(given.selector.number), 2)]
    case "immediate":
      return little(low32(given.value.number) - (tail === "cb" || tail === "cd" ? next : 0), length)
    case "register":
      return []
  }
}

const low32 = (number: bigint) => Number(BigInt.asIntN(32, number))
