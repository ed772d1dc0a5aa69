/** Operands as a source writes them, and what they are worth in a pass. */
import { type Expression, type Qualify, readExpression, type Scope } from "./expression"
import { fail } from "./mistake"
import { DISTANCES, PREFIXES, REGISTERS, type RegisterName, SIZES } from "./names"
import type { Reader } from "./tokens"
import type { Value } from "./value"

/** Words in front of an operand. */
interface Words {
  /** Bits; undefined: the source does not say. */
  readonly size: 8 | 16 | 32 | 64 | undefined
  /** `strict`: the size is an order, not a description. */
  readonly strict: boolean
  readonly distance: string
}

interface Common extends Words {
  readonly column: number
  /** As in the source. */
  readonly text: string
}

/** Words inside brackets. */
export interface MemoryWords {
  /** `[byte ebx+5]`: bits of the displacement, or of an address without registers. */
  readonly width: 8 | 16 | 32 | undefined
  /** `nosplit`: keep [ebx*2] from becoming [ebx+ebx]. */
  readonly nosplit: boolean
  /** Number of a segment register. */
  readonly segment: number | undefined
}

/** An operand; values are expressions when it is read (`Source`), and numbers in a pass (`Given`). */
type OperandOf<T> =
  | (Common & { readonly kind: "register"; readonly register: RegisterName })
  | (Common & { readonly kind: "memory"; readonly address: T; readonly words: MemoryWords })
  | (Common & { readonly kind: "immediate"; readonly value: T })
  | (Common & { readonly kind: "far"; readonly selector: T; readonly offset: T })

/** An operand as it was read. */
export type Source = OperandOf<Expression>
/** An operand with the values that it has in this pass. */
export type Given = OperandOf<Value>
/** A memory operand in this pass. */
export type GivenMemory = Extract<Given, { kind: "memory" }>

/** Read the operands of an instruction, up to the end of the line. */
export function readOperands(reader: Reader, line: string, qualify: Qualify): Source[] {
  if (reader.atEnd) return []
  const operands = [readOperand(reader, line, qualify)]
  while (reader.accept(",")) operands.push(readOperand(reader, line, qualify))
  if (!reader.atEnd) reader.unexpected("expected a comma or the end of the line")
  return operands
}

function readOperand(reader: Reader, line: string, qualify: Qualify): Source {
  const column = reader.peek().column
  const words = readWords(reader)
  const meaning = readMeaning(reader, qualify)
  const text = line.slice(column - 1, reader.peek().column - 1).trim()
  return { ...words, ...meaning, column, text }
}

function readWords(reader: Reader): Words {
  let words: Words = { size: undefined, strict: false, distance: "" }
  for (;;) {
    const word = reader.word()
    if (Object.hasOwn(SIZES, word)) words = { ...words, size: once(reader, words.size, SIZES[word]) }
    else if (DISTANCES.has(word))
      words = { ...words, distance: once(reader, words.distance || undefined, word) }
    else if (word === "strict") words = { ...words, strict: true }
    else if (word === "ptr") reader.unexpected('NASM writes the size alone: "dword [ebx]", without ptr')
    else return words
    reader.next()
  }
}

function once<T>(reader: Reader, before: T | undefined, now: T): T {
  if (before !== undefined) reader.unexpected("expected the operand: it has its size already")
  return now
}

type Meaning =
  | Pick<Extract<Source, { kind: "register" }>, "kind" | "register">
  | Pick<Extract<Source, { kind: "memory" }>, "kind" | "address" | "words">
  | Pick<Extract<Source, { kind: "immediate" }>, "kind" | "value">
  | Pick<Extract<Source, { kind: "far" }>, "kind" | "selector" | "offset">

function readMeaning(reader: Reader, qualify: Qualify): Meaning {
  const register = REGISTERS.get(reader.word())
  if (register && standsAlone(reader)) {
    reader.next()
    return { kind: "register", register }
  }
  if (reader.accept("[")) return readMemory(reader, qualify)
  if (reader.atEnd) reader.unexpected("expected an operand")
  const value = readExpression(reader, qualify)
  if (!reader.accept(":")) return { kind: "immediate", value }
  return { kind: "far", selector: value, offset: readExpression(reader, qualify) }
}

function standsAlone(reader: Reader): boolean {
  const { kind, text } = reader.peek(1)
  return kind !== "sign" || text === ","
}

function readMemory(reader: Reader, qualify: Qualify): Meaning {
  let width: MemoryWords["width"]
  let nosplit = false
  for (;;) {
    const word = reader.word()
    if (word === "nosplit") nosplit = true
    else if (Object.hasOwn(SIZES, word) && word !== "qword") width = SIZES[word] as 8 | 16 | 32
    else break
    reader.next()
  }
  const segment = readSegment(reader)
  const address = readExpression(reader, qualify)
  if (!reader.accept("]")) reader.unexpected("expected ] after the address")
  return { kind: "memory", address, words: { width, nosplit, segment } }
}

function readSegment(reader: Reader): number | undefined {
  const segment = PREFIXES.get(reader.word())?.segment
  if (segment === undefined) return undefined
  reader.next()
  if (!reader.accept(":")) reader.unexpected("expected : after the segment register")
  return segment
}

/** What an operand is worth now. */
export function evaluate(operand: Source, scope: Scope): Given {
  const { kind, column, text, size, strict, distance } = operand
  // Written out: spreading the operand would cost more than all the rest of a pass.
  switch (kind) {
    case "register":
      return operand
    case "memory": {
      const { address, words } = operand
      return { kind, column, text, size, strict, distance, words, address: address.evaluate(scope) }
    }
    case "immediate":
      return { kind, column, text, size, strict, distance, value: number(operand.value, scope) }
    case "far": {
      const [selector, offset] = [number(operand.selector, scope), number(operand.offset, scope)]
      return { kind, column, text, size, strict, distance, selector, offset }
    }
  }
}

/** Evaluate an expression that must not contain registers. */
export function number(expression: Expression, scope: Scope): Value {
  const result = expression.evaluate(scope)
  if (result.terms.length > 0)
    fail(expression.column, "registers can be added in an address only", "put it in brackets, as in [ebx+4]")
  return result
}
