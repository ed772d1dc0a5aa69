/**
 * One pass over the statements. Sizes depend on addresses and addresses on sizes, so passes are repeated, each with what
 * the one before learned, until two agree: the first takes every jump for short, and jumps grow as they must.
 */
import type { CodeSize, SourceLine } from "../program"
import { assembleInstruction } from "./choose"
import { dataBytes } from "./data"
import { prefixesAlone } from "./encode"
import type { Expression, Scope } from "./expression"
import type { Place } from "./fit"
import { fail, type Mistake, nearest, Problem } from "./mistake"
import { INSTRUCTIONS, type Meaning, type PrefixMeaning, REGISTERS } from "./names"
import { evaluate, number } from "./operand"
import { imageOf, MOST_BYTES, Section, type SectionName, sectionName, startsOf } from "./sections"
import type {
  AlignBody,
  Body,
  GlobalBody,
  InstructionBody,
  NumberBody,
  Prefix,
  SectionBody,
  Statement,
} from "./statement"
import { UNKNOWN, type Value, value } from "./value"

/** Where and in which mode a source begins, unless it says otherwise. */
export interface Settings {
  readonly origin: number
  readonly bits: 16 | 32
  /** Whether the caller said so. */
  readonly said: boolean
}

/** What all passes over the same statements share. */
interface Memory {
  /** What each instruction can mean, once a pass has found out. */
  readonly meanings: Map<InstructionBody, readonly Meaning[]>
  /** The bytes of instructions that are the same wherever they stand. */
  readonly bytes: Map<InstructionBody, readonly number[]>
}

/** What a pass learned. */
export class Pass implements Scope {
  readonly symbols = new Map<string, Value>()
  readonly labels = new Set<string>()
  readonly sections = new Map<SectionName, Section>()
  readonly lines: SourceLine[] = []
  /** Bytes of each statement. */
  readonly lengths: number[] = []
  readonly mistakes: Mistake[] = []
  origin: number
  private line: Value = UNKNOWN
  private bits: 16 | 32
  private bitsAreSaid: boolean
  /** Of each line that made bytes. */
  private readonly lineSizes: CodeSize[] = []
  private section: Section
  private originIsSet = false
  /** Where sections start in this pass. */
  private readonly placed: ReadonlyMap<SectionName, number>

  private readonly memory: Memory
  /** Whether the instruction at hand has used nothing that may change from pass to pass. */
  private isFixed = false

  /** @param before the pass before, whose symbols stand for what is defined further down */
  constructor(
    settings: Settings,
    private readonly before: Pass | undefined,
  ) {
    this.origin = settings.origin
    this.bits = settings.bits
    this.bitsAreSaid = settings.said
    this.memory = before?.memory ?? { meanings: new Map(), bytes: new Map() }
    this.placed = before?.starts ?? new Map()
    this.section = this.enter(".text")
  }

  run(statements: readonly Statement[]): void {
    for (const statement of statements) {
      const { section } = this
      const { size } = section
      this.attempt(statement)
      this.lengths.push(section.size - size)
    }
  }

  /** The first statement whose length is not what it was in the pass before. */
  firstChange(statements: readonly Statement[]): Statement {
    const changed = this.lengths.findIndex((length, n) => length !== this.before?.lengths[n])
    return statements[Math.max(0, changed)]
  }

  /** Where the sections will start, by what this pass knows of their sizes. */
  get starts(): Map<SectionName, number> {
    return startsOf(this.sections.values(), this.origin)
  }

  /** The stored sections, as they lie in memory. */
  get image(): Uint8Array {
    return imageOf(this.sections.values(), this.origin)
  }

  /** The size of the code at the first byte, and wherever it changes. */
  get sizes(): CodeSize[] {
    const ascending = this.lineSizes.sort((a, b) => a.address - b.address)
    return ascending.filter(
      ({ bits, said }, n) => bits !== ascending[n - 1]?.bits || said !== ascending[n - 1].said,
    )
  }

  symbol(name: string, column: number): Value {
    this.isFixed = false
    const found = this.symbols.get(name) ?? this.foundBefore(name)
    if (found) return found
    return this.before ? this.unknownSymbol(name, column) : UNKNOWN
  }

  /** What the pass before found for a name that this pass has not met yet; if its section has moved, so has it. */
  private foundBefore(name: string): Value | undefined {
    const found = this.before?.symbols.get(name)
    const section = found && this.before?.sections.get(found.base as SectionName)
    if (!section) return found
    return {
      ...found,
      number: found.number + BigInt((this.placed.get(section.name) ?? section.start) - section.start),
    }
  }

  get here(): Value {
    this.isFixed = false
    return this.line
  }

  get sectionStart(): Value {
    this.isFixed = false
    return value(this.section.start, this.section.name)
  }

  private unknownSymbol(name: string, column: number): never {
    const guess = nearest(name, [...(this.before?.symbols.keys() ?? []), ...REGISTERS.keys()])
    return fail(
      column,
      `unknown symbol "${name}"`,
      guess ? `did you mean ${guess}?` : "define it as a label or with equ",
    )
  }

  private attempt(statement: Statement): void {
    this.line = value(this.section.address, this.section.name)
    const { address, name } = this.section
    try {
      this.define(statement)
      if (statement.body) this.repeat(statement, statement.body)
    } catch (problem) {
      this.note(statement, problem)
      this.keepLength(address)
    }
    if (this.section.name === name) this.addLine(statement, address)
  }

  /** A wrong line keeps the length it had before, lest the lines below it move to and fro. */
  private keepLength(address: number): void {
    const before = this.before?.lengths[this.lengths.length] ?? 0
    this.section.size += Math.max(0, before - (this.section.address - address))
  }

  private note({ line, text }: Statement, problem: unknown): void {
    if (!(problem instanceof Problem)) throw problem
    const { column, message, expected } = problem
    this.mistakes.push({ line, column, text, message, expected })
  }

  private addLine({ line, text }: Statement, address: number): void {
    const length = this.section.address - address
    if (length === 0 || !this.section.isStored) return
    this.lines.push({ address, length, line, text })
    this.lineSizes.push({ address, bits: this.bits, said: this.bitsAreSaid })
  }

  private define({ label, body }: Statement): void {
    if (!label) return
    if (this.symbols.has(label.name))
      fail(label.column, `"${label.name}" is defined twice`, "choose another name for one of them")
    const isConstant = body?.kind === "equ"
    this.symbols.set(label.name, isConstant ? UNKNOWN : this.line)
    if (isConstant) this.symbols.set(label.name, this.number(body.value))
    else this.labels.add(label.name)
  }

  private repeat({ times, label }: Statement, body: Body): void {
    if (body.kind === "equ" && !label)
      fail(body.column, "equ needs a name in front", 'write "name equ value"')
    if (times && !REPEATABLE.has(body.kind))
      fail(body.column, `${body.kind} cannot be repeated`, "leave times out")
    const count = times ? this.count(times, MOST_BYTES) : 1
    // The line's $ stays the same, so data are the same each time; distances of jumps are not.
    if (body.kind === "data") this.section.put(dataBytes(body, this), body.column, count)
    else for (let n = 0; n < count; n++) this.put(body)
  }

  private put(body: Body): void {
    switch (body.kind) {
      case "instruction":
        this.section.put(this.instruction(body), body.column)
        break
      case "data":
        this.section.put(dataBytes(body, this), body.column)
        break
      case "reserve":
        this.section.reserve(body.size * this.count(body.count), body.column)
        break
      case "align":
        this.align(body)
        break
      default:
        this.set(body)
    }
  }

  private set(body: SettingBody): void {
    switch (body.kind) {
      case "section":
        this.changeSection(body)
        break
      case "org":
        this.setOrigin(body)
        break
      case "bits":
        this.setBits(body)
        break
      case "global":
        this.checkGlobal(body)
        break
    }
  }

  /** An instruction that asks for no symbol and no place is the same in every pass: it is encoded once. */
  private instruction(body: InstructionBody): readonly number[] {
    const fixed = this.memory.bytes.get(body)
    if (fixed) return fixed
    this.isFixed = true
    const bytes = this.encode(body)
    if (this.isFixed) this.memory.bytes.set(body, bytes)
    return bytes
  }

  private encode(body: InstructionBody): readonly number[] {
    const { name, column } = body
    const { bits } = this
    const prefixes = merge(body.prefixes)
    if (name === "") return prefixesAlone(prefixes, bits)
    const operands = body.operands.map((operand) => evaluate(operand, this))
    const meanings = this.memory.meanings.get(body) ?? INSTRUCTIONS.get(name) ?? []
    const assembled = assembleInstruction({ name, column, prefixes, operands, bits, meanings }, this.place)
    this.memory.meanings.set(body, assembled.meanings)
    if (assembled.meanings.some(isRelative)) this.isFixed = false
    return assembled.bytes
  }

  private get place(): Place {
    return { address: this.section.address, section: this.section.name }
  }

  private align({ to, fill, column }: AlignBody): void {
    const alignment = this.alignment(to)
    this.section.align(alignment)
    const end = Math.ceil(this.section.size / alignment) * alignment
    if (!this.section.isStored) this.section.reserve(end - this.section.size, column)
    while (this.section.size < end) {
      const before = this.section.size
      this.put(fill)
      if (this.section.size - before !== 1)
        fail(column, "align can fill with single bytes only", "use nop or db with one byte")
    }
  }

  private changeSection({ name, column, align }: SectionBody): void {
    this.section = this.enter(sectionName(name, column))
    if (align) this.section.align(this.alignment(align))
  }

  private alignment(expression: Expression): number {
    const alignment = this.count(expression, MOST_BYTES)
    if (alignment === 0 || alignment & (alignment - 1))
      fail(expression.column, `${alignment} is no power of two`, "expected 1, 2, 4, 8, 16 …")
    return alignment
  }

  private enter(name: SectionName): Section {
    const known = this.sections.get(name)
    const section = known ?? new Section(name, this.placed.get(name) ?? this.origin)
    this.sections.set(name, section)
    return section
  }

  private setOrigin({ value: expression }: NumberBody): void {
    if (this.originIsSet) fail(expression.column, "the origin is set twice", "org may stand once in a source")
    this.originIsSet = true
    this.origin = this.count(expression, 0xffffffff)
  }

  private setBits({ value: expression }: NumberBody): void {
    const { number: bits, known } = this.number(expression)
    if (!known) fail(expression.column, "the size of code must be known here", "expected 16 or 32")
    if (bits !== 16n && bits !== 32n)
      fail(expression.column, `${bits}-bit code is not simulated`, "expected 16 or 32")
    this.bits = bits === 16n ? 16 : 32
    this.bitsAreSaid = true
  }

  private checkGlobal({ names }: GlobalBody): void {
    for (const { name, column } of names) this.symbol(name, column)
  }

  private number(expression: Expression): Value {
    return number(expression, this)
  }

  /** A number that sizes depend on. */
  private count(expression: Expression, most = 0x7fffffff): number {
    const { number: count, base, known } = this.number(expression)
    if (!known) return 0
    if (base !== "constant")
      fail(expression.column, "an address is no count", "use a number, or the difference of two labels")
    if (count < 0n || count > BigInt(most))
      fail(expression.column, `${count} is out of range`, `expected 0 to ${most}`)
    return Number(count)
  }
}

/** Distances depend on where the instruction stands. */
const isRelative = ({ row }: Meaning) => row.operands.some((type) => type === "rel8" || type === "rel32")

/** Directives that put no bytes. */
type SettingBody = NumberBody | SectionBody | GlobalBody

const REPEATABLE = new Set<Body["kind"]>(["instruction", "data", "reserve", "align"])

function merge(prefixes: readonly Prefix[]): PrefixMeaning {
  const seen = new Map<string, string>()
  for (const { meaning, word, column } of prefixes) {
    const [kind] = Object.keys(meaning)
    const other = seen.get(kind)
    if (other !== undefined)
      fail(column, `prefixes "${other}" and "${word}" exclude each other`, "leave one of them out")
    seen.set(kind, word)
  }
  return Object.assign({}, ...prefixes.map((prefix) => prefix.meaning))
}
