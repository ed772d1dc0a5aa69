/**
 * Bytes to text that the assembler reads back as the same instruction. Lower case, NASM's notation; numbers above 9 in
 * hexadecimal; a size, a prefix or `short` stands only where the instruction would be another one without it.
 */
import { unsigned } from "../numbers/int"
import { symbolText } from "./assembler/names"
import { decode, isInstruction } from "./decode"
import { BY_CODE_SIZE } from "./isa"
import type { OperandType, Row } from "./notation"
import { type Instruction, NONE, type Operand } from "./operand"
import { EAX, NAMES8, NAMES16, NAMES32, SEGMENT_NAMES } from "./registers"

/** Names of addresses: a program's `labels`, or the same turned round. */
type AddressNames = Readonly<Record<string, number>> | AddressMap

type AddressMap = ReadonlyMap<number, string>

/** How to read and to show bytes. */
export interface DisassembleOptions {
  /** Size of the code segment: 32 unless given. */
  readonly bits?: 16 | 32
  /** Names for jump targets and for addresses without registers. */
  readonly symbols?: AddressNames
}

/** An instruction as text. `length` is in bytes, at least 1. */
export interface Disassembled {
  /** The instruction as the assembler takes it, or `db` with bytes that are none. */
  readonly text: string
  /** How many bytes it has, prefixes included: 1 to 15. */
  readonly length: number
}

/**
 * Disassemble the instruction at the start of `bytes`, which lies at `address`.
 * Bytes that are no instruction, or only the beginning of one, give `db` with the first of them.
 * @throws RangeError if there is no byte
 */
export function disassemble(
  bytes: Uint8Array,
  address: number,
  options: DisassembleOptions = {},
): Disassembled {
  if (bytes.length === 0) throw new RangeError("disassemble: there is no byte to read")
  const bits = options.bits ?? 32
  const instruction = decodeBytes(bytes, bits)
  if (!instruction) return asData(bytes, 1)
  if (hasNoNotation(instruction)) return asData(bytes, instruction.length)
  return { text: formatInstruction(instruction, address, { ...options, bits }), length: instruction.length }
}

/** Disassemble all of `bytes`, which lie at `address`, one instruction after the other. */
export function disassembleAll(
  bytes: Uint8Array,
  address: number,
  options: DisassembleOptions = {},
): (Disassembled & { readonly address: number })[] {
  const named = { ...options, symbols: namesByAddress(options.symbols) }
  const lines: (Disassembled & { address: number })[] = []
  for (let at = 0; at < bytes.length; at += lines[lines.length - 1].length)
    lines.push({ address: address + at, ...disassemble(bytes.subarray(at), address + at, named) })
  return lines
}

/** Turn `name → address` round, for many look-ups; of several names of one address the first counts. */
export function namesByAddress(names: AddressNames = {}): AddressMap {
  if (names instanceof Map) return names
  const byAddress = new Map<number, string>()
  for (const [name, address] of Object.entries(names))
    if (!byAddress.has(address)) byAddress.set(address, name)
  return byAddress
}

function asData(bytes: Uint8Array, length: number): Disassembled {
  return { text: `db ${[...bytes.subarray(0, length)].map(number).join(", ")}`, length }
}

/** BSWAP of a 16-bit register decodes, but its result is undefined and assemblers do not know it; nor do we know x87's names. */
function hasNoNotation({ row, operandSize }: Instruction): boolean {
  return row.name === "ESC" || (row.name === "BSWAP" && operandSize === 16)
}

const ENDED = Symbol("no more bytes")

function decodeBytes(bytes: Uint8Array, bits: 16 | 32): Instruction | undefined {
  let at = 0
  const fetch = () => {
    if (at === bytes.length) throw ENDED
    return bytes[at++]
  }
  try {
    const decoded = decode(fetch, bits)
    return isInstruction(decoded) ? decoded : undefined
  } catch (reason) {
    if (reason === ENDED) return undefined
    throw reason
  }
}

/** What the text of one operand depends on. */
interface Context {
  readonly instruction: Instruction
  readonly bits: 16 | 32
  readonly address: number
  readonly names: AddressMap
}

/** A decoded instruction at `address` as text. */
export function formatInstruction(
  instruction: Instruction,
  address: number,
  options: DisassembleOptions = {},
): string {
  const context: Context = {
    instruction,
    address,
    bits: options.bits ?? 32,
    names: namesByAddress(options.symbols),
  }
  const words = [...prefixes(context), mnemonic(context)].join(" ")
  const operands = instruction.operands.map((operand, n) => formatOperand(operand, n, context))
  if (isReversed(instruction)) operands.reverse()
  return operands.length === 0 ? words : `${words} ${operands.join(", ")}`
}

/** Of two exchanged registers the accumulator comes first, else the one in ModR/M.reg: so the assembler puts them. */
function isReversed({ row, operands }: Instruction): boolean {
  if (row.name !== "XCHG" || row.encoding.modrm === null) return false
  const [rm, reg] = operands
  const short = rm.size !== 8 && rm.register === EAX
  return rm.kind === "register" && !(short && reg.register !== EAX)
}

/** A pair of names that the code size tells apart is written with the short one: pushf, iret. */
function mnemonic({ instruction, bits }: Context): string {
  const { row, operandSize, addressSize } = instruction
  const name = (row.encoding.byAddressSize ? addressSize : operandSize) === 16 ? row.name16 : row.name
  const usual =
    operandSize === bits
      ? Object.keys(BY_CODE_SIZE).find((short) => BY_CODE_SIZE[short].includes(name))
      : undefined
  return (usual ?? name).toLowerCase()
}

function prefixes(context: Context): string[] {
  const { instruction, bits } = context
  const { repeat, lock, override, operandSize, addressSize } = instruction
  const words: string[] = []
  if (repeat !== 0) words.push(repeatWord(instruction))
  if (lock) words.push("lock")
  if (override !== NONE && !memoryOf(instruction)) words.push(SEGMENT_NAMES[override].toLowerCase())
  if (operandSize !== bits && !showsOperandSize(instruction)) words.push(`o${operandSize}`)
  if (addressSize !== bits && !showsAddressSize(instruction)) words.push(`a${addressSize}`)
  return words
}

const COMPARES = new Set(["CMPSB", "CMPSD", "SCASB", "SCASD"])

function repeatWord({ repeat, row }: Instruction): string {
  if (repeat === 0xf2) return "repne"
  return COMPARES.has(row.name) ? "repe" : "rep"
}

function memoryOf({ operands }: Instruction): Operand | undefined {
  return operands.find((operand) => operand.kind === "memory")
}

const SIZED_REGISTERS = new Set<OperandType>(["r32", "EAX"])
/** Operands before which a size word can stand and tells the operand size. */
const SIZED_WORDS = new Set<OperandType>(["rel32", "ptr16:32"])

/** Whether the text without o16 or o32 tells the operand size. */
function showsOperandSize({ row, operands }: Instruction): boolean {
  if (row.encoding.always32) return true
  if (row.name !== row.name16) return !row.encoding.byAddressSize
  return row.operands.some((type, n) => showsSize(type, operands[n], row))
}

function showsSize(type: OperandType, operand: Operand, row: Row): boolean {
  if (SIZED_REGISTERS.has(type) || isFarBranch(row)) return true
  if (SIZED_WORDS.has(type)) return !isConditional(row)
  if (type === "r/m32" || type === "m32" || type === "moffs32") return true
  if (type === "r32/m16") return operand.kind === "register"
  return row.name === "PUSH" && (type === "imm32" || type === "simm8")
}

const isFarBranch = ({ operands }: Row) => operands.length === 1 && operands[0] === "m16:32"
/** Conditional jumps take no size word. */
const isConditional = ({ name }: Row) => name !== "JMP" && name !== "CALL"

/** Whether the text without a16 or a32 tells the address size: a name, registers or a size word in brackets do. */
function showsAddressSize(instruction: Instruction): boolean {
  return instruction.row.encoding.byAddressSize || memoryOf(instruction) !== undefined
}

function formatOperand(operand: Operand, n: number, context: Context): string {
  switch (operand.kind) {
    case "register":
      return registerName(operand.register, operand.size)
    case "segment":
      return SEGMENT_NAMES[operand.register].toLowerCase()
    case "control":
      return `cr${operand.register}`
    case "debug":
      return `dr${operand.register}`
    case "memory":
      return memorySize(operand, n, context) + formatMemory(operand, context)
    case "immediate":
      return immediateSize(n, context) + formatImmediate(operand, n, context)
    case "relative":
      return formatTarget(operand, n, context)
    case "far":
      return `${otherSize(context)}${number(operand.selector)}:${number(unsigned(operand.value, operand.size))}`
  }
}

function registerName(register: number, size: number): string {
  const names = size === 8 ? NAMES8 : size === 16 ? NAMES16 : NAMES32
  return names[register].toLowerCase()
}

const SIZE_WORDS: Readonly<Record<number, string>> = { 8: "byte ", 16: "word ", 32: "dword " }
/** Registers that have the width of the memory beside them. */
const SAME_WIDTH: Readonly<Partial<Record<OperandType, readonly OperandType[]>>> = {
  "r/m8": ["r8", "AL"],
  "r/m16": ["r16"],
  "r/m32": ["r32", "EAX"],
  moffs8: ["AL"],
  moffs32: ["EAX"],
}

/** The size word before memory, unless a register tells. */
function memorySize({ size }: Operand, n: number, { instruction, bits }: Context): string {
  const { row, operandSize } = instruction
  const type = row.operands[n]
  if (isFarBranch(row)) return operandSize === bits ? "far " : `${SIZE_WORDS[operandSize]}far `
  if (type === "m64") return "qword "
  if (type === "r32/m16") return "word "
  const widths = SAME_WIDTH[type]
  if (!widths || row.operands.some((other) => widths.includes(other))) return ""
  return SIZE_WORDS[size]
}

function formatMemory(operand: Operand, { instruction, bits, names }: Context): string {
  const { scale, addressSize } = operand
  const registers = registersOf(operand)
  const segment = instruction.override === NONE ? "" : `${SEGMENT_NAMES[instruction.override].toLowerCase()}:`
  const width = registers.length === 0 && addressSize !== bits ? SIZE_WORDS[addressSize] : ""
  const nosplit = isScaledAlone(operand) && scale < 2 ? "nosplit " : ""
  return `[${width}${nosplit}${segment}${registers.join("+")}${displacement(operand, names)}]`
}

/** An index without a base. Addresses of 16 bits scale nothing: SI or DI alone are written as a base is. */
const isScaledAlone = ({ base, index, addressSize }: Operand) =>
  base === NONE && index !== NONE && addressSize === 32

function registersOf(operand: Operand): string[] {
  const { base, index, scale, addressSize } = operand
  const parts: string[] = []
  if (base !== NONE) parts.push(registerName(base, addressSize))
  if (index !== NONE)
    parts.push(
      registerName(index, addressSize) + (scale > 0 || isScaledAlone(operand) ? `*${1 << scale}` : ""),
    )
  return parts
}

/** Beside a base a distance, with its sign; otherwise an address, with its name. */
function displacement(operand: Operand, names: AddressMap): string {
  const { base, index, value, addressSize } = operand
  if (base !== NONE || (index !== NONE && addressSize === 16))
    return value === 0 ? "" : `${value < 0 ? "-" : "+"}${number(Math.abs(value))}`
  const address = unsigned(value, addressSize)
  if (index === NONE) return nameOf(address, names) ?? number(address)
  return address === 0 ? "" : `+${nameOf(address, names) ?? number(address)}`
}

function nameOf(address: number, names: AddressMap): string | undefined {
  const name = names.get(address)
  return name === undefined ? undefined : symbolText(name)
}

/** PUSH alone shows its operand size at its immediate. */
function immediateSize(n: number, context: Context): string {
  const { row } = context.instruction
  return row.name === "PUSH" && row.operands[n] !== "imm8" ? otherSize(context) : ""
}

/** The operand size as a word if it is not that of the code segment. */
function otherSize({ instruction, bits }: Context): string {
  return instruction.operandSize === bits ? "" : SIZE_WORDS[instruction.operandSize]
}

/** Rows of these names add or compare; their immediates are read as signed, those of AND, OR and XOR as bits. */
const SIGNED = new Set(["ADD", "ADC", "SUB", "SBB", "CMP", "PUSH", "IMUL"])

function formatImmediate({ value, size }: Operand, n: number, { instruction }: Context): string {
  const { row } = instruction
  const negative = SIGNED.has(row.name) && row.operands[n] !== "imm8" && value < 0 && value >= -128
  return negative ? `-${number(-value)}` : number(unsigned(value, size))
}

/**
 * A jump's target as a name or an address. The assembler takes the near form for an address that is a mere number, and
 * the shortest for a label, so `short` or `near` is written where that would be the other one.
 */
function formatTarget(operand: Operand, n: number, context: Context): string {
  const { instruction, address, names } = context
  const { row, length, operandSize } = instruction
  const target = unsigned(address + length + operand.value, operandSize)
  const name = nameOf(target, names)
  const size = row.operands[n] === "rel32" && !isConditional(row) ? otherSize(context) : ""
  return size + distanceWord(instruction, n, name !== undefined) + (name ?? number(target))
}

function distanceWord({ row, operands, length }: Instruction, n: number, isNamed: boolean): string {
  const isShort = row.operands[n] === "rel8"
  if (isShort) return isNamed || !row.name.startsWith("J") || row.encoding.byAddressSize ? "" : "short "
  const couldBeShort = row.name !== "CALL" && reachesShort(operands[n].value, length)
  return isNamed && couldBeShort ? "near " : ""
}

/** The short form is two bytes long. */
function reachesShort(distance: number, length: number): boolean {
  const fromShort = distance + length - 2
  return fromShort >= -128 && fromShort <= 127
}

function number(value: number): string {
  return value > 9 ? `0x${value.toString(16)}` : `${value}`
}
