/** The directives: words that are no instructions, and how what follows them is read. */
import type { Expression, Qualify } from "./expression"
import { fail } from "./mistake"
import type { Body, DataItem, Label } from "./statement"
import type { Reader } from "./tokens"
import { value } from "./value"

/** Bytes of an item that a word defines or reserves. */
const DATA: Readonly<Record<string, number>> = { db: 1, dw: 2, dd: 4, dq: 8 }
const RESERVE: Readonly<Record<string, number>> = { resb: 1, resw: 2, resd: 4, resq: 8 }

/** Directives that NASM has and this assembler refuses, with what to do instead. */
export const REFUSED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    extern: "nothing is linked here: define the name in this source",
    common: "nothing is linked here: reserve the space with resb",
    incbin: "insert the bytes with db",
    absolute: "use equ for addresses outside the program",
    struc: "name the offsets with equ",
    istruc: "write the fields with dd",
    cpu: "leave it out: every instruction of the table is known",
    default: "leave it out: addresses are absolute",
    dt: "floating point is not simulated",
    do: "write it with dq",
  }),
)

/** What a directive may read of its line. */
export interface Line {
  readonly reader: Reader
  /** The full name of a symbol. Local names start with a dot. */
  readonly qualify: Qualify
  expression(): Expression
  /** Read an instruction or a directive. */
  body(): Body
}

type ReadDirective = (line: Line, word: string, column: number) => Body

/** How to read each directive; its word has been read already. */
export const DIRECTIVES: ReadonlyMap<string, ReadDirective> = new Map<string, ReadDirective>([
  ...Object.keys(DATA).map((word): [string, ReadDirective] => [word, readData]),
  ...Object.keys(RESERVE).map((word): [string, ReadDirective] => [word, readReserve]),
  ["equ", (line, _, column) => ({ kind: "equ", column, value: line.expression() })],
  ["org", (line, _, column) => ({ kind: "org", column, value: line.expression() })],
  ["bits", (line, _, column) => ({ kind: "bits", column, value: line.expression() })],
  ["use16", (_, __, column) => ({ kind: "bits", column, value: constant(16, column) })],
  ["use32", (_, __, column) => ({ kind: "bits", column, value: constant(32, column) })],
  ["align", readAlign],
  ["alignb", readAlign],
  ["section", readSection],
  ["segment", readSection],
  ["global", readGlobal],
])

/** Whether a label without a colon may stand in front of the word. */
export function definesData(word: string): boolean {
  return Object.hasOwn(DATA, word) || Object.hasOwn(RESERVE, word) || word === "equ" || word === "times"
}

function constant(number: number, column: number): Expression {
  const fixed = value(number)
  return { column, evaluate: () => fixed }
}

function readData(line: Line, word: string, column: number): Body {
  const items = [readItem(line)]
  while (line.reader.accept(",")) items.push(readItem(line))
  return { kind: "data", column, size: DATA[word], items }
}

/** A string alone is data; inside an expression it is a number. */
function readItem(line: Line): DataItem {
  const { kind, bytes } = line.reader.peek()
  const after = line.reader.peek(1)
  if (kind !== "string" || !(after.kind === "end" || after.text === ","))
    return { kind: "expression", value: line.expression() }
  line.reader.next()
  return { kind: "string", bytes }
}

function readReserve(line: Line, word: string, column: number): Body {
  return { kind: "reserve", column, size: RESERVE[word], count: line.expression() }
}

/** `align 16` fills with nop, `alignb 16` with zero, `align 16, db 0CCh` with what stands there. */
function readAlign(line: Line, word: string, column: number): Body {
  const to = line.expression()
  if (line.reader.accept(",")) return { kind: "align", column, to, fill: line.body() }
  const nop: Body = { kind: "instruction", column, name: "nop", prefixes: [], operands: [] }
  const zero: Body = { kind: "reserve", column, size: 1, count: constant(1, column) }
  return { kind: "align", column, to, fill: word === "alignb" ? zero : nop }
}

function readSection(line: Line): Body {
  const { kind, text, column } = line.reader.next()
  if (kind !== "word") fail(column, "a section needs a name", "expected .text, .data, .rodata or .bss")
  return { kind: "section", column, name: text.toLowerCase(), align: readAlignment(line) }
}

function readAlignment(line: Line): Expression | undefined {
  if (line.reader.peek().kind !== "word") return undefined
  const { text, column } = line.reader.next()
  if (text.toLowerCase() === "align" && line.reader.accept("=")) return line.expression()
  return fail(column, `unknown attribute "${text}" of a section`, "only align=… is known")
}

function readGlobal(line: Line, _: string, column: number): Body {
  const names: Label[] = []
  do {
    const token = line.reader.next()
    if (token.kind !== "word") fail(token.column, "global needs the name of a label", "expected a name")
    names.push({ name: line.qualify(token.text), column: token.column })
  } while (line.reader.accept(","))
  return { kind: "global", column, names }
}
