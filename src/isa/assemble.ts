/**
 * The assembler: Intel syntax as NASM writes it, with the instructions of the table. What it makes is, byte for byte, what
 * `nasm -f bin` makes. It differs in what it takes:
 *
 * - no preprocessor (TypeScript is one), no linking, no floating point; sections are .text, .data, .rodata and .bss;
 * - what NASM warns about or cuts silently is refused: values that do not fit, LOCK where it raises #UD, sizes that
 *   contradict each other, LEA of a number, a label without a colon that looks like a mistyped instruction;
 * - addresses may be taken apart (`handler >> 16`), and forms that only the processor knows can be written
 *   (`movzx ax, word [ebx]`, `o16 jz near x`), so that everything disassembled assembles again.
 */

import { withCard } from "../numbers/card"
import { byDefault } from "./assembler/default-bits"
import { LineReader } from "./assembler/line"
import { AssemblyError, type Mistake, Problem } from "./assembler/mistake"
import { Pass, type Settings } from "./assembler/pass"
import type { Label, Statement } from "./assembler/statement"
import { templatePlaces } from "./assembler/template"
import { same } from "./assembler/value"
import type { Program } from "./program"
import { programCard } from "./program-card"

export { AssemblyError, type Mistake } from "./assembler/mistake"

/** How to assemble. `org` and `bits` in the source go before these. */
export interface AssembleOptions {
  /** Address of the first byte; 0 unless given. */
  readonly origin?: number
  /** Size of the code segment; unless given, 16 if the source makes a boot sector, as NASM takes it, and else 32. */
  readonly bits?: 16 | 32
}

/** More passes than any real source needs; one that goes on has sizes that contradict each other. */
const MOST_PASSES = 200

/**
 * Assemble a source. Deterministic; knows no files.
 * @throws AssemblyError with every mistake of the source, if there is one; RangeError if the origin is no 32-bit address
 */
export function assemble(source: string, options: AssembleOptions = {}): Program {
  const origin = checkOrigin(options.origin ?? 0)
  const { statements, mistakes } = read(source)
  const attempt = (bits: 16 | 32) =>
    repeatPasses(statements, { origin, bits, said: options.bits !== undefined })
  const pass = options.bits ? attempt(options.bits) : byDefault(attempt)
  const all = [...mistakes, ...pass.mistakes].sort((a, b) => a.line - b.line || a.column - b.column)
  if (all.length > 0) throw new AssemblyError(all)
  return makeProgram(source, pass)
}

/**
 * Assemble the text of a template: asm`mov eax, ${value}`. Numbers are inserted as numbers, strings as text, programs as
 * their source, so that pieces of assembly can be put together. Code that does not say `bits` is 32-bit code, but 16-bit code
 * in a boot sector (55h and AAh at byte 510), which `loadBootSector(machine, program.bytes)` starts.
 * @throws AssemblyError with every mistake, its line counted in the template, or in the inserted text that it is in;
 * RangeError if an inserted number is no integer
 */
export function asm(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | bigint | Program)[]
): Program {
  // Raw: a \n in a string of the source is the assembler's to read.
  const pieces = strings.raw
  const texts = values.map(insert)
  try {
    return assemble(pieces.reduce((text, piece, n) => text + texts[n - 1] + piece))
  } catch (error) {
    throw error instanceof AssemblyError ? error.placed(templatePlaces(pieces, texts)) : error
  }
}

function checkOrigin(origin: number): number {
  if (origin >>> 0 !== origin) throw new RangeError(`assemble: origin ${origin} is no 32-bit address`)
  return origin
}

function insert(value: string | number | bigint | Program): string {
  if (typeof value === "number" && !Number.isSafeInteger(value))
    throw new RangeError(`asm: ${value} is no integer`)
  return typeof value === "object" ? value.source : String(value)
}

function read(source: string): { statements: Statement[]; mistakes: Mistake[] } {
  const reader = new LineReader()
  const mistakes: Mistake[] = []
  const statements = source.split(/\r?\n/).map((text, n) => readLine(reader, text, n + 1, mistakes))
  return { statements, mistakes }
}

/** A line with a mistake still defines its label, so that no other line is blamed for it. */
function readLine(reader: LineReader, text: string, line: number, mistakes: Mistake[]): Statement {
  let label: Label | undefined
  try {
    label = reader.start(text)
    return { line, text, label, ...reader.finish() }
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem
    mistakes.push({
      line,
      column: problem.column,
      text,
      message: problem.message,
      expected: problem.expected,
    })
    return { line, text, label, times: undefined, body: undefined }
  }
}

function repeatPasses(statements: readonly Statement[], settings: Settings): Pass {
  let before = runPass(statements, settings, undefined)
  for (let n = 1; n < MOST_PASSES; n++) {
    const pass = runPass(statements, settings, before)
    if (agree(before, pass)) return checkKnown(pass, statements)
    before = pass
  }
  return complain(
    before,
    before.firstChange(statements),
    "the sizes do not settle: they contradict each other",
    "its size must not depend on itself, by way of labels further down",
  )
}

function runPass(statements: readonly Statement[], settings: Settings, before: Pass | undefined): Pass {
  const pass = new Pass({ ...settings, origin: before?.origin ?? settings.origin }, before)
  pass.run(statements)
  return pass
}

/** Two passes agree if the second, with what the first knew, puts everything where the first put it. */
function agree(a: Pass, b: Pass): boolean {
  if (a.symbols.size !== b.symbols.size) return false
  for (const [name, value] of b.symbols) {
    const other = a.symbols.get(name)
    if (!other || !same(value, other)) return false
  }
  const starts = b.starts
  return [...b.sections.values()].every(
    ({ name, start, size }) => start === starts.get(name) && size === a.sections.get(name)?.size,
  )
}

/** Symbols that are defined by each other never become known. */
function checkKnown(pass: Pass, statements: readonly Statement[]): Pass {
  if (pass.mistakes.length > 0) return pass
  for (const statement of statements) {
    const { label } = statement
    if (label && pass.symbols.get(label.name)?.known === false)
      complain(
        pass,
        statement,
        `"${label.name}" is defined by itself`,
        "give it a value that does not depend on it",
      )
  }
  return pass
}

function complain(pass: Pass, { line, text, label }: Statement, message: string, expected: string): Pass {
  pass.mistakes.push({ line, column: label?.column ?? 1, text, message, expected })
  return pass
}

function makeProgram(source: string, pass: Pass): Program {
  const symbols = Object.fromEntries([...pass.symbols].map(([name, value]) => [name, Number(value.number)]))
  const labels = Object.fromEntries([...pass.labels].map((name) => [name, symbols[name]]))
  const program: Program = {
    origin: pass.origin,
    bytes: pass.image,
    entry: labels.start ?? labels._start ?? (pass.starts.get(".text") as number),
    symbols,
    labels,
    source,
    sizes: pass.sizes,
    lines: pass.lines.sort((a, b) => a.address - b.address),
  }
  return withCard(program, programCard)
}
