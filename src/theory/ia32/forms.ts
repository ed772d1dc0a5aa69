/** The forms of IA-32's instructions: a row of the table × operand size × memory or register, with bytes to try each by. */
import { decode, isInstruction } from "../../isa/decode"
import { TABLE } from "../../isa/isa"
import { mnemonicOf } from "../../isa/mnemonic"
import type { OperandType, Row } from "../../isa/notation"
import { CS, SS } from "../../isa/registers"
import type { Random } from "../../numbers/random"
import type { Form } from "../subject"
import { groupOf } from "./groups"
import { someImmediate, someTarget, someWord } from "./seeds"
import { DATA } from "./world"

/** A form of an instruction of the table. */
export interface TableForm extends Form {
  /** Rows with the same words: encodings of the same instruction. */
  readonly rows: readonly Row[]
  readonly size: 16 | 32
  /** Whether ModR/M names memory; undefined where there is no choice. */
  readonly memory: boolean | undefined
}

const EITHER = new Set<OperandType>(["r/m8", "r/m16", "r/m32", "r32/m16"])
const ONLY_MEMORY = new Set<OperandType>(["m", "m8", "m16", "m32", "m64", "m16&32", "m32&32", "m16:32"])
/** Operands whose width or reach does not follow the operand size. */
const FIXED = new Set<OperandType>(
  "r8 r16 r/m8 r/m16 m m8 m16 m64 moffs8 imm8 imm16 AL AX CL DX 1 3 CR DR".split(" ") as OperandType[],
)
/** Without an operand that says so, and yet of two sizes. */
const SIZED = new Set(["RET", "RETF", "LEAVE", "ENTER"])

/** All forms, in the table's order. */
export function formsOf(table: readonly Row[] = TABLE): readonly TableForm[] {
  const forms = new Map<string, TableForm>()
  for (const row of table)
    for (const size of sizesOf(row))
      for (const memory of placesOf(row)) {
        const made = makeForm(row, size, memory)
        const known = forms.get(made.form)
        forms.set(made.form, known ? { ...known, rows: [...known.rows, row] } : made)
      }
  return [...forms.values()]
}

function sizesOf(row: Row): readonly (16 | 32)[] {
  const { name, name16, operands, encoding } = row
  if (encoding.always32 || encoding.byAddressSize) return [32]
  const sized = name !== name16 || SIZED.has(name) || operands.some((type) => !FIXED.has(type))
  return sized ? [32, 16] : [32]
}

const placesOf = ({ operands }: Row): readonly (boolean | undefined)[] =>
  operands.some((type) => EITHER.has(type)) ? [true, false] : [undefined]

function makeForm(row: Row, size: 16 | 32, memory: boolean | undefined): TableForm {
  const { name, name16, operands, outside } = row
  const own = size === 16 ? name16 : name
  const syntax = [own, operands.join(", ")].filter(Boolean).join(" ")
  const width = size === 16 && name === name16 ? " (16-bit)" : ""
  const place = memory === undefined ? "" : memory ? " · memory" : " · register"
  const mnemonic = mnemonicOf(row, size)
  return {
    form: `${syntax}${width}${place}`,
    mnemonic,
    group: groupOf(row, mnemonic),
    claim: outside?.claim,
    rows: [row],
    size,
    memory,
  }
}

/** Different bytes of one form, for code of 16 or 32 bits; none if the form does not exist. */
export function encodingsOf(form: TableForm, count: number, codeSize: 16 | 32, random: Random): number[][] {
  const found: number[][] = []
  for (let tries = 0; found.length < count && tries < 4 * count; tries++) {
    const bytes = encode(form, codeSize, random)
    if (isForm(form, bytes, codeSize)) found.push(bytes)
  }
  return found
}

/** Whether the bytes are an instruction of this form and no other: 90h is NOP, and not XCHG EAX, EAX. */
function isForm({ rows, size }: TableForm, bytes: readonly number[], codeSize: 16 | 32): boolean {
  let at = 0
  const decoded = decode(() => bytes[at++] ?? 0, codeSize)
  return (
    isInstruction(decoded) &&
    rows.some(({ number }) => number === decoded.row.number) &&
    decoded.operandSize === size &&
    decoded.length === bytes.length
  )
}

function encode(form: TableForm, codeSize: 16 | 32, random: Random): number[] {
  const { rows, size } = form
  const row = random.pick(rows)
  const { opcode, escaped, plusRegister, modrm, tail, always32 } = row.encoding
  const memory = form.memory ?? row.operands.some((type) => ONLY_MEMORY.has(type))
  const prefixes = [
    ...(size !== codeSize && !always32 ? [0x66] : []),
    ...(codeSize === 16 && (memory || tail.includes("mo")) ? [0x67] : []),
  ]
  return [
    ...prefixes,
    ...(escaped ? [0x0f] : []),
    opcode | (plusRegister ? random.below(8) : 0),
    ...(modrm === null ? [] : modrmBytes(row, memory, random)),
    ...tail.flatMap((part) => tailBytes(part, row, size, random)),
  ]
}

function modrmBytes(row: Row, memory: boolean, random: Random): number[] {
  const { modrm } = row.encoding
  const reg = typeof modrm === "number" ? modrm : registerField(row, random)
  if (!memory) return [0xc0 | (reg << 3) | someRegister(random)]
  return random.pick([
    [0x05 | (reg << 3), ...little(DATA, 32)],
    [0x43 | (reg << 3), random.below(4) * 4],
    [0x06 | (reg << 3)],
    [0x47 | (reg << 3), random.below(4) * 4],
  ])
}

/** Half of the time one that holds no address. */
const someRegister = (random: Random) => random.below(random.pick([3, 8]))

/** Segment registers other than CS. SS asks for most, so it is tried twice as often. */
const LOADABLE = [0, SS, SS, 3, 4, 5]

function registerField({ operands }: Row, random: Random): number {
  if (operands.includes("CR")) return random.pick([0, 2, 3, 4])
  if (!operands.includes("Sreg")) return random.below(8)
  return random.pick(operands[0] === "Sreg" ? LOADABLE : [...LOADABLE, CS, CS])
}

function tailBytes(part: Row["encoding"]["tail"][number], row: Row, size: 16 | 32, random: Random): number[] {
  switch (part) {
    case "ib":
      return [someImmediate(row, random)]
    case "cb":
      return [random.below(256)]
    case "iw":
      return little(someWord(row, random), 16)
    case "id":
    case "cd":
      return little(random.below(2 ** 32) | 0, size)
    case "mo":
      return little(DATA + random.below(8) * 4, 32)
    case "cp":
      return [...little(random.below(0x1_0000), size), ...little(someTarget(random), 16)]
  }
}

const little = (value: number, bits: 16 | 32): number[] =>
  Array.from({ length: bits / 8 }, (_, n) => (value >>> (8 * n)) & 0xff)
