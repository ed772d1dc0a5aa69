/**
 * Random instruction streams for the real processor: some instructions of the table that ring 3 can run, one after the
 * other, and a state to begin in. What the manual leaves undefined is overwritten at once, so that it is never compared.
 */
import { TABLE } from "../../../src/isa/isa"
import type { Row } from "../../../src/isa/notation"
import { type randomSource, value } from "../random.mjs"
import { isShift } from "../replay/undefined"

export type Random = ReturnType<typeof randomSource>

const DATA = 0x20000000
const PAGE = 0x1000

/** A stream as bytes and settings, in the notation of the silicon vectors. */
export interface Stream {
  readonly instructions: readonly (readonly number[])[]
  readonly settings: readonly string[]
}

/**
 * Rows whose outcome depends on the operating system, on segments that it has, or on what a later processor added. INT1
 * saves another EIP under some hypervisors.
 */
const LEFT_OUT =
  /^(CPUID|RD.*|WRMSR|S[GI]DT|SLDT|STR|SMSW|LAR|LSL|VERR|VERW|L[DEFGS]S|INT1?|RETF|IRET.*|SYS.*|CLTS|HLT|INVD|WBINVD|FWAIT|LGDT|LIDT|L[LMT].*|INVLPG|F.*|RET|UD2|NOP)$/
const LOADS_SEGMENT = /Sreg|CR|DR|ptr16|m16:32/
/** The processors that are asked have floating point. */
const isFloatingPoint = ({ encoding: { escaped, opcode } }: Row) => !escaped && (opcode & 0xf8) === 0xd8
const simple = (row: Row) =>
  !LEFT_OUT.test(row.name) &&
  !isFloatingPoint(row) &&
  !/FF \/[24]/.test(row.text.encoding) &&
  !LOADS_SEGMENT.test(row.text.syntax) &&
  !/^POP [C-G]S|^POP ES|^POP SS/.test(row.text.syntax) &&
  !/\b(mm|xmm|m128)\b/.test(row.text.syntax)
const ROWS = TABLE.filter(simple)
const isString = ({ name }: Row) => /^(MOVS|CMPS|STOS|LODS|SCAS|INS|OUTS)(B|D|W)$/.test(name)
const SEGMENT_PREFIXES = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65]
/** CMP AL, imm8 defines every status flag. */
const defineFlags = (random: Random) => [0x3c, random.below(256)]
const leavesUndefined = (row: Row) => row.flags.undefined !== "" || isShift({ row })

const littleEndian = (number: number, bytes: number) =>
  Array.from({ length: bytes }, (_, n) => (number >>> (8 * n)) & 0xff)

/** Builds one instruction. */
class Encoder {
  readonly bytes: number[] = []
  readonly operandSize: 16 | 32
  readonly addressSize: 16 | 32

  constructor(
    readonly row: Row,
    readonly random: Random,
    codeSize: 16 | 32,
  ) {
    const other = codeSize === 32 ? 16 : 32
    this.operandSize = random.once(4) ? other : codeSize
    this.addressSize = random.once(10) ? other : codeSize
    if (this.operandSize !== codeSize) this.bytes.push(0x66)
    if (this.addressSize !== codeSize) this.bytes.push(0x67)
    if (random.once(12)) this.bytes.push(random.pick(SEGMENT_PREFIXES))
    if (isString(row) && random.once(2)) this.bytes.push(random.pick([0xf2, 0xf3]))
  }

  encode(): number[] {
    const { escaped, opcode, plusRegister, modrm, lockable, tail } = this.row.encoding
    const mod = this.mode()
    if (lockable ? mod < 3 && this.random.once(4) : this.random.once(200)) this.bytes.push(0xf0)
    if (escaped) this.bytes.push(0x0f)
    this.bytes.push(opcode + (plusRegister ? this.random.below(8) : 0))
    if (modrm !== null) this.modrm(mod, modrm)
    for (const part of tail) this.bytes.push(...this.tail(part))
    return this.bytes
  }

  private mode(): number {
    const memory = this.row.operands.some((type) => /^m/.test(type))
    return memory || this.random.once(2) ? this.random.below(3) : 3
  }

  private modrm(mod: number, reg: "r" | number): void {
    const rm = this.random.below(8)
    this.bytes.push((mod << 6) | ((reg === "r" ? this.random.below(8) : reg) << 3) | rm)
    if (mod === 3) return
    if (this.addressSize === 16) this.displacement16(mod, rm)
    else this.displacement32(mod, rm === 4 ? this.sib() : rm)
  }

  /** Gives the base. */
  private sib(): number {
    const sib = this.random.once(2) ? 0x20 | this.random.below(8) : this.random.below(256)
    this.bytes.push(sib)
    return sib & 7
  }

  private displacement32(mod: number, base: number): void {
    if (mod === 0 && base === 5) this.bytes.push(...littleEndian(DATA + this.random.below(PAGE), 4))
    else if (mod === 1) this.bytes.push(this.random.below(256))
    else if (mod === 2) this.bytes.push(...littleEndian(this.random.below(512) - 256, 4))
  }

  private displacement16(mod: number, rm: number): void {
    if (mod === 0 && rm === 6) this.bytes.push(...littleEndian(this.random.below(PAGE), 2))
    else if (mod === 1) this.bytes.push(this.random.below(256))
    else if (mod === 2) this.bytes.push(...littleEndian(this.random.below(512) - 256, 2))
  }

  private tail(part: string): number[] {
    const { random, row } = this
    switch (part) {
      case "ib":
        return [/^SH[LR]D/.test(row.name) ? random.below(16) : value(random, 8)]
      case "iw":
        return littleEndian(random.below(64), 2)
      case "id":
        return littleEndian(value(random, this.operandSize), this.operandSize / 8)
      case "mo":
        return this.addressSize === 32
          ? littleEndian(DATA + random.below(PAGE), 4)
          : littleEndian(random.below(PAGE), 2)
      default:
        return [] // a jump's distance: it is known when all instructions are
    }
  }

  /** Bytes of the distance of a jump; 0 if it is none. */
  get distance(): number {
    const { tail } = this.row.encoding
    return tail.includes("cb") ? 1 : tail.includes("cd") ? this.operandSize / 8 : 0
  }

  /** The manual leaves some results undefined, not only flags. */
  get hasUndefinedResult(): boolean {
    if (this.operandSize === 32) return false
    return this.row.name === "BSWAP" || (/^SH[LR]D/.test(this.row.name) && this.row.operands.includes("CL"))
  }
}

interface Part {
  readonly bytes: readonly number[]
  readonly distance: number
}

/** What can be told of a stream's length: one instruction in three cases of ten, else up to eight. */
const lengthOf = (random: Random) => (random.below(10) < 3 ? 1 : 2 + random.below(7))

/** A random stream. */
export function stream(random: Random): Stream {
  for (;;) {
    const codeSize = random.once(6) ? 16 : 32
    const count = lengthOf(random)
    const parts = Array.from({ length: count }, () => part(random, codeSize, count > 1))
    const instructions = resolve(parts, random)
    if (!isDangerous(instructions.flat())) return { instructions, settings: settings(random, codeSize) }
  }
}

/** One instruction; in company it is followed by one that defines the flags that it does not. */
function part(random: Random, codeSize: 16 | 32, inCompany: boolean): Part {
  for (;;) {
    const encoder = new Encoder(random.pick(ROWS), random, codeSize)
    const bytes = encoder.encode()
    if (encoder.hasUndefinedResult) continue
    const after = inCompany && leavesUndefined(encoder.row) ? defineFlags(random) : []
    return { bytes: [...bytes, ...after], distance: encoder.distance }
  }
}

/** System calls must not be met, not even by a jump into an immediate. */
const isDangerous = (bytes: readonly number[]) =>
  bytes.some(
    (byte, n) =>
      (byte === 0xcd && bytes[n + 1] !== 3) || (byte === 0x0f && [0x05, 0x34].includes(bytes[n + 1])),
  )

/** Jumps go forward, to the beginning of an instruction or behind the last. */
function resolve(parts: readonly Part[], random: Random): number[][] {
  const lengths = parts.map(({ bytes, distance }) => bytes.length + distance)
  return parts.map(({ bytes, distance }, n) => {
    if (distance === 0) return [...bytes]
    const skipped = random.below(parts.length - n)
    const to = lengths.slice(n + 1, n + 1 + skipped).reduce((sum, length) => sum + length, 0)
    return [...bytes, ...littleEndian(to, distance)]
  })
}

const REGISTERS = ["eax", "ecx", "edx", "ebx", "ebp", "esi", "edi"]
const FLAGS = ["cf", "pf", "af", "zf", "sf", "of", "df"]

function settings(random: Random, codeSize: 16 | 32): string[] {
  const narrow = codeSize === 16 || random.once(8)
  const base = narrow ? 0 : DATA
  const registers = REGISTERS.map((name) => `${name}=${registerValue(name, random, base).toString(16)}`)
  const flags = FLAGS.filter((name) => random.once(name === "df" ? 4 : 2))
  const segments = [
    ...(codeSize === 16 ? ["cs=47"] : []),
    ...(narrow ? ["ds=7", "es=7"] : []),
    ...(codeSize === 16 || random.once(12)
      ? [`ss=3f`, `esp=${stackPointer(random, 0)}`]
      : [`esp=${stackPointer(random, DATA)}`]),
  ]
  return [...registers, ...segments, ...flags, ...memory(random)]
}

/** A pointer into the data, a small number, or one at the edges; few lead into the runner's own memory. */
function registerValue(name: string, random: Random, base: number): number {
  const kind = random.below(10)
  if (name === "ecx" && kind < 5) return random.below(12)
  if (kind < 6) return base + random.below(PAGE)
  if (kind < 8) return random.below(64)
  return random.once(2) ? random.pick(EDGES) : 0xb0000000 + random.below(0x20000000)
}

const EDGES = [
  0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff,
]

const stackPointer = (random: Random, base: number) =>
  (
    base + (random.once(16) ? random.pick([0, 2, 3, 4, 0xffc, 0xffe, 0x1000]) : 0x700 + random.below(256))
  ).toString(16)

function memory(random: Random): string[] {
  const pages = [...new Set(Array.from({ length: 8 }, () => 16 * random.below(PAGE / 16 - 1)))]
  const bytes = () =>
    Array.from({ length: 16 }, () => random.below(256).toString(16).padStart(2, "0")).join("")
  return pages.map((at) => `[${(DATA + at).toString(16)}]=${bytes()}`)
}

/** The line that the processor's runner reads. */
export function lineOf({ instructions, settings }: Stream): string {
  const bytes = instructions.flat().map((byte) => byte.toString(16).padStart(2, "0").toUpperCase())
  return `${bytes.join(" ")} | ${settings.join(" ")}`
}
