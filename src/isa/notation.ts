/**
 * Reads the notation of the instruction table: the manual's encodings ("0F B6 /r ib") and syntax ("MOVZX r32, r/m8").
 *
 * A 32 in the syntax stands for the operand-size attribute: the same row is the 16-bit instruction under a 66h prefix
 * (or in a 16-bit segment). A 16 or an 8 is fixed. `o32` before an encoding makes a 32 fixed as well.
 * @see SDM Vol. 2A §3.1.1 "Instruction Format"
 */
import type { Does } from "./processor"

/** What an operand may be, as the syntax column writes it. */
// biome-ignore format: a vocabulary, by kind
const OPERAND_TYPES = [
  "r8", "r16", "r32", "r/m8", "r/m16", "r/m32", "r32/m16",
  "m", "m8", "m16", "m32", "m64", "m16&32", "m32&32", "m16:32", "moffs8", "moffs32",
  "imm8", "simm8", "imm16", "imm32", "rel8", "rel32", "ptr16:32",
  "Sreg", "CR", "DR",
  "AL", "AX", "EAX", "CL", "DX", "1", "3", "ES", "CS", "SS", "DS", "FS", "GS",
] as const
export type OperandType = (typeof OPERAND_TYPES)[number]

/** Bytes that follow opcode and ModR/M: ib/iw fixed, id/cd by operand size, cb a byte offset, cp far pointer, mo address. */
export type Tail = "ib" | "iw" | "id" | "cb" | "cd" | "cp" | "mo"

/** An encoding, read. */
interface Encoding {
  /** The opcode without its 0F escape; with it when `escaped`. 0-255. */
  readonly opcode: number
  readonly escaped: boolean
  /** The low three opcode bits hold a register (+rb, +rd). */
  readonly plusRegister: boolean
  /** ModR/M: "/r" uses reg for an operand, a digit is a further opcode, null: there is none. */
  readonly modrm: "r" | number | null
  readonly tail: readonly Tail[]
  /** Operand size 32 whatever the prefixes say. */
  readonly always32: boolean
  /** LOCK is legal when the destination is memory. */
  readonly lockable: boolean
  /** Another encoding of an instruction that has a proper row: decoded, but never assembled. */
  readonly alias: boolean
  /** The address-size attribute, not the operand size, chooses between two names (JCXZ, JECXZ). */
  readonly byAddressSize: boolean
}

/** What the instruction does to status flags. */
interface FlagEffect {
  /** Letters of the flags it defines: o s z a p c d i … */
  readonly defined: string
  /** Flags left undefined by the manual; they keep some value, but nobody may rely on it. */
  readonly undefined: string
}

/** The last column: what becomes of the instruction outside ring 0. A claim that execution must confirm. */
export interface Outside {
  readonly claim: "traps" | "leaks" | "iopl"
  readonly why: string
}

/** One row of the table as it is written. */
export type RowText = readonly [
  encoding: string,
  syntax: string,
  does: Does,
  flags: string,
  outside?: Outside,
]

/** One row, read. */
export interface Row {
  /** Its place in `TABLE`, from 0. */
  readonly number: number
  /** The row as the table writes it: "0F B6 /r", "MOVZX r32, r/m8". */
  readonly text: { readonly encoding: string; readonly syntax: string }
  /** The bytes that stand for it. */
  readonly encoding: Encoding
  /** Mnemonic under operand size 32, and under 16; the same unless the syntax says "CBW/CWDE". */
  readonly name: string
  /** "CBW" where the syntax says "CBW/CWDE". */
  readonly name16: string
  /** What it takes, destination first. */
  readonly operands: readonly OperandType[]
  /** Its semantics: what every engine runs. */
  readonly does: Does
  /** What it does to status flags. */
  readonly flags: FlagEffect
  /** What becomes of it outside ring 0, if that is a matter; undefined: nothing is claimed. */
  readonly outside: Outside | undefined
}

const TAILS = new Set<string>(["ib", "iw", "id", "cb", "cd", "cp", "mo"])
const MARKS = new Set(["o32", "lock", "asz", "alias"])
const TYPES = new Set<string>(OPERAND_TYPES)

/**
 * Read an encoding such as `lock 80 /0 ib` or `0F C8+rd`.
 * @throws RangeError naming the encoding if a token is unknown or the opcode is missing.
 */
function readEncoding(text: string): Encoding {
  const opcodes: number[] = []
  const tail: Tail[] = []
  let modrm: Encoding["modrm"] = null
  let plusRegister = false
  const marks = new Set<string>()
  for (const token of text.split(" ")) {
    if (/^[0-9A-F]{2}$/.test(token)) opcodes.push(Number.parseInt(token, 16))
    else if (/^[0-9A-F]{2}\+r[bd]$/.test(token)) {
      opcodes.push(Number.parseInt(token, 16))
      plusRegister = true
    } else if (/^\/[0-7]$/.test(token)) modrm = Number(token[1])
    else if (token === "/r") modrm = "r"
    else if (TAILS.has(token)) tail.push(token as Tail)
    else if (MARKS.has(token)) marks.add(token)
    else throw new RangeError(`cannot read encoding "${text}" (${token})`)
  }
  const escaped = opcodes.length === 2 && opcodes[0] === 0x0f
  if (opcodes.length !== (escaped ? 2 : 1)) throw new RangeError(`cannot read encoding "${text}" (opcode)`)
  return {
    opcode: opcodes[opcodes.length - 1],
    escaped,
    plusRegister,
    modrm,
    tail,
    always32: marks.has("o32"),
    lockable: marks.has("lock"),
    alias: marks.has("alias"),
    byAddressSize: marks.has("asz"),
  }
}

/**
 * Read a syntax such as `MOV r/m32, r32` or `CBW/CWDE`.
 * @throws RangeError naming the operand that is not in `OPERAND_TYPES`.
 */
function readSyntax(text: string): { name: string; name16: string; operands: OperandType[] } {
  const [names, rest] = text.split(/ (.*)/)
  const operands = rest ? rest.split(", ") : []
  const unknown = operands.find((operand) => !TYPES.has(operand))
  if (unknown !== undefined) throw new RangeError(`cannot read syntax "${text}" (${unknown})`)
  const [name16, name] = names.includes("/") ? names.split("/") : [names, names]
  return { name, name16, operands: operands as OperandType[] }
}

function readFlags(text: string): FlagEffect {
  const [defined, undefinedFlags = ""] = text.split("?")
  return { defined, undefined: undefinedFlags }
}

/**
 * Read the whole table. All bad rows are reported at once, as a compiler does.
 * @throws RangeError listing each bad row: `ISA row 8: cannot read encoding "0G /r" (0G)`.
 */
export function readTable(rows: readonly RowText[]): readonly Row[] {
  const mistakes: string[] = []
  const table = rows.map(([encoding, syntax, does, flags, outside], number) => {
    try {
      return {
        number,
        text: { encoding, syntax },
        encoding: readEncoding(encoding),
        ...readSyntax(syntax),
        does,
        flags: readFlags(flags),
        outside,
      } satisfies Row
    } catch (mistake) {
      mistakes.push(`ISA row ${number}: ${(mistake as RangeError).message}`)
      return undefined
    }
  })
  if (mistakes.length > 0) throw new RangeError(mistakes.join("\n"))
  return table as Row[]
}
