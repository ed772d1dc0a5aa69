/** Reads a source line by line into statements. */
import { DIRECTIVES, definesData, type Line, REFUSED } from "./directives"
import { type Expression, type Qualify, readExpression } from "./expression"
import { fail, nearest } from "./mistake"
import { INSTRUCTIONS, isOperandWord, PREFIXES } from "./names"
import { readOperands } from "./operand"
import type { Body, InstructionBody, Label, Prefix, Statement } from "./statement"
import { Reader, type Token, tokenize } from "./tokens"

/** Whether a word starts an instruction, a directive or a prefix. */
function isKnown(word: string): boolean {
  return (
    word === "times" ||
    INSTRUCTIONS.has(word) ||
    DIRECTIVES.has(word) ||
    PREFIXES.has(word) ||
    REFUSED.has(word)
  )
}

/** Reads lines one after the other; remembers the last label, below which local ones stand. */
export class LineReader implements Line {
  /** The tokens of the current line. */
  reader = new Reader([])
  private text = ""
  private parent = ""

  readonly qualify: Qualify = (name) => (name.startsWith(".") ? this.parent + name : name)

  /** Make a line the current one, and read its label. */
  start(text: string): Label | undefined {
    this.text = text
    this.reader = new Reader(tokenize(text))
    return this.readLabel()
  }

  /** Read what follows the label on the current line. */
  finish(): Pick<Statement, "times" | "body"> {
    const times = this.readTimes()
    if (this.reader.atEnd && !times) return { times, body: undefined }
    const bracketed = this.reader.accept("[")
    const body = this.body()
    if (bracketed && !this.reader.accept("]")) this.reader.unexpected("expected ] after the directive")
    if (!this.reader.atEnd) this.reader.unexpected("expected a comma or the end of the line")
    return { times, body }
  }

  body(): Body {
    const { kind, text, column } = this.reader.peek()
    const word = this.reader.word()
    if (text === "%")
      fail(column, "the preprocessor is not supported", "use equ and times, or TypeScript around asm`…`")
    if (kind !== "word")
      this.reader.unexpected("expected an instruction, a directive or a label with a colon")
    const refused = REFUSED.get(word)
    if (refused !== undefined) fail(column, `${word} is not supported`, refused)
    const readDirective = DIRECTIVES.get(word)
    if (!readDirective) return this.readInstruction()
    this.reader.next()
    return readDirective(this, word, column)
  }

  expression(): Expression {
    return readExpression(this.reader, this.qualify)
  }

  private readLabel(): Label | undefined {
    const { kind, text, column } = this.reader.peek()
    if (!this.startsWithLabel()) return undefined
    if (kind === "word") refuseReserved(text.toLowerCase(), column)
    const name = kind === "symbol" ? text.slice(1) : text
    this.reader.next()
    this.reader.accept(":")
    if (!name.startsWith(".")) this.parent = name
    return { name: this.qualify(name), column }
  }

  /** A colon makes a label. Without one, a known word must follow, and before an instruction a typing error is feared. */
  private startsWithLabel(): boolean {
    const { kind } = this.reader.peek()
    const { kind: nextKind, text: next } = this.reader.peek(1)
    if (kind !== "word" && kind !== "symbol") return false
    if (nextKind === "sign") return next === ":"
    const word = this.reader.word()
    if (isKnown(word) || isOperandWord(word)) return false
    return (
      definesData(this.reader.word(1)) ||
      (isKnown(this.reader.word(1)) && nearest(word, knownWords()) === undefined)
    )
  }

  private readTimes(): Expression | undefined {
    if (this.reader.word() !== "times") return undefined
    this.reader.next()
    const count = this.expression()
    if (this.reader.word() === "times")
      this.reader.unexpected("expected what to repeat; multiply the counts instead")
    return count
  }

  private readInstruction(): InstructionBody {
    const { column } = this.reader.peek()
    const prefixes = this.readPrefixes()
    if (this.reader.atEnd) return { kind: "instruction", column, name: "", prefixes, operands: [] }
    const name = this.reader.word()
    if (!INSTRUCTIONS.has(name)) unknownInstruction(this.reader.peek(), this.reader.word(1))
    const { column: at } = this.reader.next()
    const operands = readOperands(this.reader, this.text, this.qualify)
    return { kind: "instruction", column: at, name, prefixes, operands }
  }

  private readPrefixes(): Prefix[] {
    const prefixes: Prefix[] = []
    for (;;) {
      const word = this.reader.word()
      const meaning = PREFIXES.get(word)
      if (!meaning) return prefixes
      prefixes.push({ word, meaning, column: this.reader.next().column })
    }
  }
}

function knownWords(): string[] {
  return [...INSTRUCTIONS.keys(), ...DIRECTIVES.keys(), ...PREFIXES.keys(), "times"]
}

function refuseReserved(word: string, column: number): void {
  if (!isKnown(word) && !isOperandWord(word)) return
  if (PREFIXES.has(word))
    fail(column, `the prefix "${word}" has a colon`, `write it without, as in "${word} lodsb"`)
  fail(
    column,
    `"${word}" is a word of the language and no label`,
    `choose another name, or write $${word} for the label`,
  )
}

function unknownInstruction({ text, column }: Token, next: string): never {
  const guess = text === "" ? undefined : nearest(text, knownWords())
  const label = isKnown(next) ? `a label needs a colon, as in "${text}: ${next}"` : undefined
  const expected = guess ? `did you mean ${guess}?` : label
  return fail(
    column,
    `unknown instruction "${text}"`,
    expected ?? "expected an instruction, a directive or a label with a colon",
  )
}
