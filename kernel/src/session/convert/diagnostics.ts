import ts from "typescript"
import { isAboutFlow, shareFlow } from "./flow"

/** A mistake that the compiler found, with its place in the cell. Lines and columns count from 1. */
export interface Mistake {
  readonly message: string
  /** The compiler's number, as in TS2322. */
  readonly code: number
  /** A local file's path, or undefined for the cell itself. */
  readonly file?: string
  readonly line: number
  readonly column: number
  /** Characters to underline. */
  readonly length: number
  /** The text of the line. */
  readonly text: string
  /** The code cannot be read at all. */
  readonly syntax: boolean
}

/** What is wrong with a cell or with a local file that it imports, in the reader's lines and columns. */
export function mistakesOf(program: ts.Program, file: ts.SourceFile, skippedLines: number): Mistake[] {
  const syntactic = program.getSyntacticDiagnostics(file)
  const found = syntactic.length > 0 ? syntactic : semantic(program, file)
  return found
    .filter(({ category }) => category === ts.DiagnosticCategory.Error)
    .map((diagnostic) => mistake(diagnostic, file, skippedLines, syntactic.length > 0))
}

function semantic(program: ts.Program, file: ts.SourceFile): readonly ts.Diagnostic[] {
  shareFlow(program, file)
  return program.getSemanticDiagnostics(file).filter((found) => !isAboutFlow(found))
}

/** Readers need not know that earlier cells are modules to the compiler. */
export const hideCells = (text: string): string => text.replace(/import\("[^"]*__cell_\d+__"\)\./g, "")

function mistake(found: ts.Diagnostic, file: ts.SourceFile, skippedLines: number, syntax: boolean): Mistake {
  const start = Math.min(found.start ?? 0, file.text.trimEnd().length)
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  const text = file.text.split("\n")[line] ?? ""
  return {
    message: hideCells(ts.flattenDiagnosticMessageText(found.messageText, "\n")),
    code: found.code,
    line: line + 1 - skippedLines,
    column: character + 1,
    length: Math.max(1, Math.min(found.length ?? 1, text.length - character)),
    text,
    syntax,
  }
}
