/**
 * Bytes to instructions. The decoder knows prefixes, ModR/M and SIB; which bytes make which instruction it reads from
 * the table. @see SDM Vol. 2A ch. 2 "Instruction Format"
 */
import type { Size } from "../numbers/int"
import { TABLE } from "./isa"
import type { OperandType, Row, Tail } from "./notation"
import { type Instruction, NONE, type Operand, operand, type Repeat } from "./operand"
import { CS, DS, EBP, ES, ESP, FS, GS, SS } from "./registers"

/** Gives the bytes of an instruction one after the other; may fault. Sixteen bytes are never asked for. */
type Fetch = () => number

/** Why bytes are no instruction. */
export type Invalid = {
  readonly invalid: "undefined" | "too long" | "lock"
  readonly bytes: readonly number[]
}

/** An instruction is at most this long; the 16th byte raises #GP(0). */
export const MAXIMUM_LENGTH = 15

/** Rows by opcode: 0-255, and 256 + second byte after 0F. */
const BY_OPCODE: readonly (readonly Row[])[] = arrange()

function arrange(): Row[][] {
  const slots: Row[][] = Array.from({ length: 512 }, () => [])
  for (const row of TABLE) {
    const { opcode, escaped, plusRegister } = row.encoding
    const first = (escaped ? 256 : 0) + opcode
    for (let n = first; n < first + (plusRegister ? 8 : 1); n++) slots[n].push(row)
  }
  return slots
}

const SEGMENT_PREFIX: ReadonlyMap<number, number> = new Map([
  [0x26, ES],
  [0x2e, CS],
  [0x36, SS],
  [0x3e, DS],
  [0x64, FS],
  [0x65, GS],
])

/** Base and index registers of 16-bit addressing, by r/m. */
const PAIRS: readonly (readonly [base: number, index: number])[] = [
  [3, 6],
  [3, 7],
  [5, 6],
  [5, 7],
  [NONE, 6],
  [NONE, 7],
  [5, NONE],
  [3, NONE],
]

/** Everything known while one instruction is being decoded. */
class Decoding {
  readonly bytes: number[] = []
  operandSize: 16 | 32
  addressSize: 16 | 32
  override = NONE
  repeat: Repeat = 0
  lock = false
  opcode = 0
  modrm = NONE
  memory: Operand | undefined

  constructor(
    private readonly next: Fetch,
    codeSize: 16 | 32,
  ) {
    this.operandSize = codeSize
    this.addressSize = codeSize
  }

  byte(): number {
    if (this.bytes.length === MAXIMUM_LENGTH) throw TOO_LONG
    const value = this.next()
    this.bytes.push(value)
    return value
  }

  /** A little-endian number, sign-extended from its own width. */
  number(size: Size): number {
    let value = 0
    for (let shift = 0; shift < size; shift += 8) value |= this.byte() << shift
    return (value << (32 - size)) >> (32 - size)
  }

  /** Read prefixes and the opcode; returns its slot in `BY_OPCODE`. */
  prefixes(codeSize: 16 | 32): number {
    const other = codeSize === 32 ? 16 : 32
    for (;;) {
      const byte = this.byte()
      if (byte === 0x66) this.operandSize = other
      else if (byte === 0x67) this.addressSize = other
      else if (byte === 0xf0) this.lock = true
      else if (byte === 0xf2 || byte === 0xf3) this.repeat = byte
      else if (SEGMENT_PREFIX.has(byte)) this.override = SEGMENT_PREFIX.get(byte) as number
      else {
        this.opcode = byte === 0x0f ? this.byte() : byte
        return byte === 0x0f ? 256 + this.opcode : byte
      }
    }
  }

  /**
   * The memory operand that ModR/M names, with SIB behind it if r/m is 4 in 32-bit addressing; mod 3 is a
   * register. reg is the other operand, or a further opcode. The width is filled in by each operand.
   *
   *      7  6 5  3 2  0       7    6 5    3 2   0
   *     ┌────┬────┬────┐     ┌──────┬──────┬─────┐
   *     │ mod│ reg│ r/m│     │ scale│ index│ base│
   *     └────┴────┴────┘     └──────┴──────┴─────┘
   *
   * @see SDM Vol. 2A §2.1.3 "ModR/M and SIB Bytes"
   */
  readMemory(): Operand {
    const mod = this.modrm >> 6
    const rm = this.modrm & 7
    return this.addressSize === 32 ? this.memory32(mod, rm) : this.memory16(mod, rm)
  }

  private memory32(mod: number, rm: number): Operand {
    let base = rm
    let index = NONE
    let scale = 0
    if (rm === ESP) {
      const sib = this.byte()
      base = sib & 7
      index = ((sib >> 3) & 7) === ESP ? NONE : (sib >> 3) & 7
      scale = sib >> 6
    }
    if (mod === 0 && base === EBP) return this.address(NONE, index, scale, this.number(32))
    return this.address(base, index, scale, this.displacement(mod, 32))
  }

  private memory16(mod: number, rm: number): Operand {
    if (mod === 0 && rm === 6) return this.address(NONE, NONE, 0, this.number(16) & 0xffff)
    const [base, index] = PAIRS[rm]
    return this.address(base, index, 0, this.displacement(mod, 16))
  }

  private displacement(mod: number, full: Size): number {
    return mod === 0 ? 0 : this.number(mod === 1 ? 8 : full)
  }

  address(base: number, index: number, scale: number, value: number): Operand {
    const stack = base === ESP || base === EBP
    const segment = this.override !== NONE ? this.override : stack ? SS : DS
    return operand({
      kind: "memory",
      size: 32,
      segment,
      base,
      index,
      scale,
      addressSize: this.addressSize,
      value,
    })
  }
}

const TOO_LONG = Symbol("an instruction of more than 15 bytes")

/**
 * Decode one instruction in a code segment of `codeSize` bits.
 * Faults of `fetch` pass through. Bytes that are no instruction give an `Invalid`.
 */
export function decode(fetch: Fetch, codeSize: 16 | 32): Instruction | Invalid {
  const d = new Decoding(fetch, codeSize)
  try {
    const slot = d.prefixes(codeSize)
    const candidates = BY_OPCODE[slot]
    if (candidates.some((row) => row.encoding.modrm !== null)) d.modrm = d.byte()
    const row = choose(candidates, d)
    return row ? finish(row, d) : { invalid: "undefined", bytes: d.bytes }
  } catch (reason) {
    if (reason === TOO_LONG) return { invalid: "too long", bytes: d.bytes }
    throw reason
  }
}

/** The row that fits ModR/M's digit and mode; NOP goes before XCHG EAX, EAX. */
function choose(rows: readonly Row[], d: Decoding): Row | undefined {
  return rows.find((row) => {
    const { modrm } = row.encoding
    if (modrm === null) return true
    if (typeof modrm === "number" && modrm !== ((d.modrm >> 3) & 7)) return false
    return modeFits(row, d)
  })
}

const MEMORY_ONLY = new Set<OperandType>(["m", "m8", "m16", "m32", "m64", "m16&32", "m32&32", "m16:32"])

/** Whether a register, where ModR/M names one, is allowed; MOV CR and DR take a register whatever mod says. */
function modeFits(row: Row, d: Decoding): boolean {
  if (isSystemMove(row)) return systemRegisterExists(row, (d.modrm >> 3) & 7)
  if (row.operands.includes("Sreg") && ((d.modrm >> 3) & 7) > GS) return false
  return d.modrm < 0xc0 || !row.operands.some((type) => MEMORY_ONLY.has(type))
}

const isSystemMove = (row: Row) => row.operands.includes("CR") || row.operands.includes("DR")

/** There is no CR1 and no CR5-7; DR4 and DR5 are other names of DR6 and DR7. */
function systemRegisterExists(row: Row, number: number): boolean {
  return row.operands.includes("DR") || number === 0 || (number >= 2 && number <= 4)
}

function finish(row: Row, d: Decoding): Instruction | Invalid {
  if (row.encoding.always32) d.operandSize = 32
  if (d.modrm >= 0 && d.modrm < 0xc0 && !isSystemMove(row)) d.memory = d.readMemory()
  const tail = row.encoding.tail.map((part) => readTail(part, d))
  const operands = row.operands.map((type) => makeOperand(type, row, d, tail))
  if (loadsCodeSegment(row, operands)) return { invalid: "undefined", bytes: d.bytes }
  if (d.lock && !(row.encoding.lockable && operands[0].kind === "memory"))
    return { invalid: "lock", bytes: d.bytes }
  return {
    row,
    length: d.bytes.length,
    operandSize: d.operandSize,
    addressSize: d.addressSize,
    operands,
    repeat: d.repeat,
    lock: d.lock,
    override: d.override,
  }
}

/** MOV CS, r/m16 is undefined: only far transfers load CS. */
const loadsCodeSegment = (row: Row, operands: readonly Operand[]) =>
  row.operands[0] === "Sreg" && operands[0].register === CS

/** Immediate bytes, in the order of the encoding. A far pointer gives offset, then selector. */
function readTail(part: Tail, d: Decoding): readonly number[] {
  switch (part) {
    case "ib":
    case "cb":
      return [d.number(8)]
    case "iw":
      return [d.number(16)]
    case "id":
    case "cd":
      return [d.number(d.operandSize)]
    case "mo":
      return [d.number(d.addressSize)]
    case "cp":
      return [d.number(d.operandSize), d.number(16) & 0xffff]
  }
}

const FIXED_REGISTER: Partial<Record<OperandType, [register: number, size: Size | "operand"]>> = {
  AL: [0, 8],
  AX: [0, 16],
  EAX: [0, "operand"],
  CL: [1, 8],
  DX: [2, 16],
}
const FIXED_SEGMENT: Partial<Record<OperandType, number>> = { ES, CS, SS, DS, FS, GS }
const WIDTH: Partial<Record<OperandType, Size>> = {
  r8: 8,
  r16: 16,
  "r/m8": 8,
  "r/m16": 16,
  m8: 8,
  m16: 16,
  moffs8: 8,
}

/** Turn one entry of the syntax column into an operand; immediates are taken from `tail` in order. */
function makeOperand(type: OperandType, row: Row, d: Decoding, tail: (readonly number[])[]): Operand {
  const size = WIDTH[type] ?? d.operandSize
  const fixed = FIXED_REGISTER[type]
  if (fixed) return register(fixed[0], fixed[1] === "operand" ? d.operandSize : fixed[1])
  const segment = FIXED_SEGMENT[type]
  if (segment !== undefined) return operand({ kind: "segment", size: 16, register: segment })
  switch (type) {
    case "1":
      return operand({ kind: "immediate", size: 8, value: 1 })
    case "3":
      return operand({ kind: "immediate", size: 8, value: 3 })
    case "r8":
    case "r16":
    case "r32":
      return register(registerField(row, d), size)
    case "r/m8":
    case "r/m16":
    case "r/m32":
      return d.memory ? { ...d.memory, size } : register(d.modrm & 7, size)
    case "r32/m16":
      return d.memory ? { ...d.memory, size: 16 } : register(d.modrm & 7, d.operandSize)
    case "Sreg":
      return operand({ kind: "segment", size: 16, register: (d.modrm >> 3) & 7 })
    case "CR":
      return operand({ kind: "control", size: 32, register: (d.modrm >> 3) & 7 })
    case "DR":
      return operand({ kind: "debug", size: 32, register: (d.modrm >> 3) & 7 })
    case "moffs8":
    case "moffs32":
      return { ...d.address(NONE, NONE, 0, take(tail)[0]), size }
    case "imm8":
      return operand({ kind: "immediate", size: 8, value: take(tail)[0] & 0xff })
    case "simm8":
      return operand({ kind: "immediate", size, value: take(tail)[0] })
    case "imm16":
      return operand({ kind: "immediate", size: 16, value: take(tail)[0] & 0xffff })
    case "imm32":
      return operand({ kind: "immediate", size, value: take(tail)[0] })
    case "rel8":
    case "rel32":
      return operand({ kind: "relative", size, value: take(tail)[0] })
    case "ptr16:32": {
      const [offset, selector] = take(tail)
      return operand({ kind: "far", size, value: offset, selector })
    }
    default:
      return { ...(d.memory as Operand), size }
  }
}

function take(tail: (readonly number[])[]): readonly number[] {
  return tail.shift() as readonly number[]
}

const register = (number: number, size: Size) => operand({ kind: "register", register: number, size })

/** Where a register operand is encoded: the opcode's low bits, ModR/M.rm for MOV CR and DR, else ModR/M.reg. */
function registerField(row: Row, d: Decoding): number {
  if (row.encoding.plusRegister) return d.opcode & 7
  if (isSystemMove(row)) return d.modrm & 7
  return (d.modrm >> 3) & 7
}

/** Whether `decode` gave an instruction. */
export function isInstruction(decoded: Instruction | Invalid): decoded is Instruction {
  return "row" in decoded
}
