/** Memory operands to ModR/M, SIB and displacement. @see SDM Vol. 2A §2.1.5 "Addressing-Mode Encoding" */
import { NONE } from "../operand"
import { EBP, ESP } from "../registers"
import { fail } from "./mistake"
import type { GivenMemory, MemoryWords } from "./operand"
import type { Term } from "./value"

/** A memory operand, its registers sorted out. */
interface Address {
  readonly size: 16 | 32
  readonly base: number
  readonly index: number
  /** 0-3, for ×1 to ×8. */
  readonly scale: number
  /** Wrapped to `size`, signed. */
  readonly displacement: number
  /** Bytes that the displacement must have, or undefined: the fewest. */
  readonly width: 1 | 2 | 4 | undefined
}

/** ModR/M.mod and r/m, and the bytes that follow. */
export interface EncodedAddress {
  readonly modrm: number
  readonly bytes: readonly number[]
}

/** A register to add, at its place in the sum. */
interface Sum {
  readonly register: number
  readonly factor: number
  readonly multiplied: boolean
}

/**
 * Sort out a memory operand. `preferred` is the address size where the operand itself does not tell.
 * Fails at the operand if no addressing mode can express it.
 */
export function resolveAddress(memory: GivenMemory, preferred: 16 | 32): Address {
  const size = addressSize(memory, preferred)
  const sums = add(memory.address.terms)
  const registers = size === 32 ? registers32(memory, sums, memory.words) : registers16(memory, sums)
  return { size, ...registers, displacement: displacement(memory, size), width: width(memory, sums, size) }
}

function addressSize(memory: GivenMemory, preferred: 16 | 32): 16 | 32 {
  const sizes = new Set(memory.address.terms.map((term) => term.size))
  if (sizes.size > 1)
    fail(memory.column, "16- and 32-bit registers in one address", "use registers of one size")
  for (const size of sizes) return size
  const { width } = memory.words
  return width === 16 || width === 32 ? width : preferred
}

/** Registers with their factors summed up, in the order of the source. */
function add(terms: readonly Term[]): Sum[] {
  const sums = new Map<number, Sum>()
  for (const { register, factor, multiplied } of terms) {
    const before = sums.get(register)
    sums.set(register, {
      register,
      factor: factor + (before?.factor ?? 0),
      multiplied: before?.multiplied || multiplied,
    })
  }
  return [...sums.values()].filter((sum) => sum.factor !== 0)
}

type Registers = Pick<Address, "base" | "index" | "scale">

function registers32(memory: GivenMemory, sums: readonly Sum[], words: MemoryWords): Registers {
  const [first, second] = sums
  if (!first) return { base: NONE, index: NONE, scale: 0 }
  if (sums.length > 2) refuse(memory)
  const registers = second ? two(memory, first, second) : one(memory, first, words.nosplit)
  return registers.index === ESP ? refuse(memory) : registers
}

/** `[ebx*2]` becomes `[ebx+ebx]`, and 3, 5 and 9 times likewise: a base needs no four-byte displacement. */
function one(memory: GivenMemory, { register, factor, multiplied }: Sum, nosplit: boolean): Registers {
  const index = { base: NONE, index: register }
  if (nosplit && multiplied && factor <= 2) return { ...index, scale: factor - 1 }
  if (factor === 1) return { base: register, index: NONE, scale: 0 }
  if (factor === 4 || factor === 8) return { ...index, scale: scaleOf(memory, factor) }
  return { base: register, index: register, scale: scaleOf(memory, factor - 1) }
}

/** The base is the register without a factor; of two such the first, unless the source multiplies it by 1. */
function two(memory: GivenMemory, first: Sum, second: Sum): Registers {
  const firstIsIndex = first.factor !== 1 || (second.factor === 1 && first.multiplied)
  const [base, index] = firstIsIndex ? [second, first] : [first, second]
  if (base.factor !== 1) refuse(memory)
  if (index.register === ESP && index.factor === 1) return { base: ESP, index: base.register, scale: 0 }
  return { base: base.register, index: index.register, scale: scaleOf(memory, index.factor) }
}

function scaleOf(memory: GivenMemory, factor: number): number {
  const scale = [1, 2, 4, 8].indexOf(factor)
  return scale < 0 ? refuse(memory) : scale
}

function refuse(memory: GivenMemory): never {
  return fail(
    memory.column,
    `no addressing mode for ${memory.text}`,
    "an address is base + index*scale + number; scale is 1, 2, 4 or 8, and esp is no index",
  )
}

/** 16-bit addressing knows eight combinations; the order in the source does not matter. */
const R_M_16: Readonly<Record<string, number>> = {
  "3,6": 0,
  "3,7": 1,
  "5,6": 2,
  "5,7": 3,
  "6": 4,
  "7": 5,
  "5": 6,
  "3": 7,
}

function registers16(memory: GivenMemory, sums: readonly Sum[]): Registers {
  if (sums.length === 0) return { base: NONE, index: NONE, scale: 0 }
  const numbers = sums.map((sum) => sum.register).sort()
  const exists = numbers.join() in R_M_16 && sums.every((sum) => sum.factor === 1)
  if (!exists)
    fail(
      memory.column,
      `no addressing mode for ${memory.text}`,
      "16-bit addresses are bx or bp, plus si or di, plus a number",
    )
  return { base: numbers[0], index: numbers[1] ?? NONE, scale: 0 }
}

function displacement(memory: GivenMemory, size: 16 | 32): number {
  const { number } = memory.address
  const fits = number >= -(1n << BigInt(size - 1)) && number < 1n << BigInt(size)
  if (!fits)
    fail(memory.column, `the number in ${memory.text} does not fit into ${size} bits`, "use a smaller number")
  return Number(BigInt.asIntN(size, number))
}

/** An address that depends on where sections start keeps its full width. */
function width(memory: GivenMemory, sums: readonly Sum[], size: 16 | 32): Address["width"] {
  const { width } = memory.words
  const full = (size / 8) as 2 | 4
  if (width === undefined) return memory.address.base === "constant" ? undefined : full
  if (width === 8 && sums.length > 0) return 1
  return width === size
    ? full
    : fail(
        memory.column,
        `the displacement in ${memory.text} cannot have ${width} bits`,
        `leave the size out`,
      )
}

/** Encode an address. Fails at `column` if a `byte` displacement does not fit. */
export function encodeAddress(address: Address, column: number): EncodedAddress {
  if (address.width === 1 && !fitsByte(address.displacement))
    fail(column, "the displacement does not fit into a byte", "leave byte out")
  return address.size === 32 ? encode32(address) : encode16(address)
}

const fitsByte = (number: number) => number >= -128 && number <= 127

function encode32(address: Address): EncodedAddress {
  const { base, index, scale, displacement } = address
  if (base === NONE && index === NONE) return { modrm: 5, bytes: little(displacement, 4) }
  if (base === NONE) return { modrm: 4, bytes: [sib(scale, index, EBP), ...little(displacement, 4)] }
  const length = displacementLength(address, base === EBP)
  const mod = modOf(length)
  if (index === NONE && base !== ESP) return { modrm: mod | base, bytes: little(displacement, length) }
  return {
    modrm: mod | 4,
    bytes: [sib(scale, index === NONE ? ESP : index, base), ...little(displacement, length)],
  }
}

const sib = (scale: number, index: number, base: number) => (scale << 6) | (index << 3) | base

function encode16(address: Address): EncodedAddress {
  const { base, index, displacement } = address
  if (base === NONE) return { modrm: 6, bytes: little(displacement, 2) }
  const rm = R_M_16[index === NONE ? `${base}` : `${base},${index}`]
  const length = displacementLength(address, rm === 6)
  return { modrm: modOf(length) | rm, bytes: little(displacement, length) }
}

/** Bytes of the displacement; EBP alone as a base (and BP) has no encoding without one. */
function displacementLength({ displacement, width, size }: Address, needed: boolean): number {
  if (width !== undefined) return width
  if (displacement === 0 && !needed) return 0
  return fitsByte(displacement) ? 1 : size / 8
}

const modOf = (length: number) => (length === 0 ? 0x00 : length === 1 ? 0x40 : 0x80)

/** The `length` low bytes of a number, lowest first. */
export function little(number: number, length: number): number[] {
  const bytes: number[] = []
  for (let n = 0; n < length; n++) bytes.push((number >> (8 * n)) & 0xff)
  return bytes
}
