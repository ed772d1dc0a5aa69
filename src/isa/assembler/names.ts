/** The words of the language: registers, sizes, prefixes and, from the table, instructions. */
import { ALIASES, BY_CODE_SIZE, TABLE } from "../isa"
import type { Row } from "../notation"
import { NAMES8, NAMES16, NAMES32, SEGMENT_NAMES } from "../registers"

/** General, segment, control and debug registers; they never stand for each other. */
export type RegisterKind = "register" | "segment" | "control" | "debug"

/** A register as a source names it. `size` is in bits. */
export interface RegisterName {
  readonly kind: RegisterKind
  readonly number: number
  readonly size: 8 | 16 | 32
}

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7]

/** All registers by their lower-case names. */
export const REGISTERS: ReadonlyMap<string, RegisterName> = new Map([
  ...numbered("register", 8, NAMES8),
  ...numbered("register", 16, NAMES16),
  ...numbered("register", 32, NAMES32),
  ...numbered("segment", 16, SEGMENT_NAMES.slice(0, 6)),
  ...numbered(
    "control",
    32,
    EIGHT.map((n) => `CR${n}`),
  ),
  ...numbered(
    "debug",
    32,
    EIGHT.map((n) => `DR${n}`),
  ),
])

function numbered(kind: RegisterKind, size: RegisterName["size"], names: readonly string[]) {
  return names.map((name, number): [string, RegisterName] => [name.toLowerCase(), { kind, number, size }])
}

/** Words that say how wide an operand is, in bits. */
export const SIZES: Readonly<Record<string, 8 | 16 | 32 | 64>> = { byte: 8, word: 16, dword: 32, qword: 64 }

/** The word for a width in bits. */
export function sizeWord(size: number): string {
  return Object.keys(SIZES).find((word) => SIZES[word] === size) as string
}

/** Words before an operand that are neither registers nor sizes. */
const OPERAND_WORDS = new Set(["short", "near", "far", "strict", "nosplit", "ptr"])

/** Whether a lower-case word means something in an operand, so that no symbol can have it without a $. */
export const isOperandWord = (word: string): boolean =>
  REGISTERS.has(word) || Object.hasOwn(SIZES, word) || OPERAND_WORDS.has(word)

/** A symbol as an operand must be written: with a $ if it is a word of the language. */
export const symbolText = (name: string): string => (isOperandWord(name.toLowerCase()) ? `$${name}` : name)

/** Words that say how far a jump or call goes. */
export const DISTANCES: ReadonlySet<string> = new Set(["short", "near", "far"])

/** What a prefix word asks for. */
export interface PrefixMeaning {
  readonly repeat?: 0xf2 | 0xf3
  readonly lock?: true
  /** Number of a segment register. */
  readonly segment?: number
  readonly operandSize?: 16 | 32
  readonly addressSize?: 16 | 32
}

/** Prefixes by their lower-case words; a segment register alone is one. */
export const PREFIXES: ReadonlyMap<string, PrefixMeaning> = new Map<string, PrefixMeaning>([
  ["rep", { repeat: 0xf3 }],
  ["repe", { repeat: 0xf3 }],
  ["repz", { repeat: 0xf3 }],
  ["repne", { repeat: 0xf2 }],
  ["repnz", { repeat: 0xf2 }],
  ["lock", { lock: true }],
  ["o16", { operandSize: 16 }],
  ["o32", { operandSize: 32 }],
  ["a16", { addressSize: 16 }],
  ["a32", { addressSize: 32 }],
  ...SEGMENT_NAMES.slice(0, 6).map((name, segment): [string, PrefixMeaning] => [
    name.toLowerCase(),
    { segment },
  ]),
])

/** A row that a mnemonic can mean, and the sizes that the mnemonic settles: CBW means row 98 with operand size 16. */
export interface Meaning {
  readonly row: Row
  readonly operandSize?: 16 | 32
  readonly addressSize?: 16 | 32
  readonly repeat?: 0xf3
}

/** What each lower-case mnemonic can mean, in the order of the table. */
export const INSTRUCTIONS: ReadonlyMap<string, readonly Meaning[]> = nameInstructions()

function nameInstructions(): Map<string, Meaning[]> {
  const meanings = new Map<string, Meaning[]>()
  const add = (name: string, meaning: Meaning) => {
    const known = meanings.get(name.toLowerCase())
    if (known) known.push(meaning)
    else meanings.set(name.toLowerCase(), [meaning])
  }
  for (const row of TABLE.filter(({ encoding }) => !encoding.alias))
    for (const [name, meaning] of namesOf(row)) add(name, meaning)
  // PAUSE is NOP with a prefix: older processors take it for one.
  const nop = TABLE.find((row) => row.name === "NOP" && row.operands.length === 0)
  if (nop) add("pause", { row: nop, repeat: 0xf3 })
  return meanings
}

function namesOf(row: Row): [string, Meaning][] {
  const own: [string, Meaning][] =
    row.name === row.name16
      ? [[row.name, { row }]]
      : [
          [row.name16, sized(row, 16)],
          [row.name, sized(row, 32)],
        ]
  const aliases = Object.keys(ALIASES).filter((alias) => ALIASES[alias] === row.name)
  const bySize = Object.keys(BY_CODE_SIZE).filter((name) => BY_CODE_SIZE[name][1] === row.name)
  return [...own, ...[...aliases, ...bySize].map((name): [string, Meaning] => [name, { row }])]
}

function sized(row: Row, size: 16 | 32): Meaning {
  return row.encoding.byAddressSize ? { row, addressSize: size } : { row, operandSize: size }
}
