import ts from "typescript"
import { explainAssembly } from "./assembly"
import { isComplete } from "./complete-code"
import { type Completion, completions } from "./completions"
import { type Mistake, mistakesOf } from "./diagnostics"
import { EarlierCells, isEarlierCell, type KnownCells } from "./earlier"
import { type Explanation, explain } from "./explain"
import { moduleName } from "./module-name"
import { type DeclaredName, declaredNames, endsInExpression } from "./names"
import { compilerOptions } from "./options"
import { isOfPackage } from "./paths"
import type { Place } from "./place"
import { isPlainJavaScript } from "./plain"
import { moduleOfJson, type RewrittenCell, rewriteCell, rewriteFile } from "./rewrite"
import { type Decorators, Workspace } from "./workspace"

export type { Import } from "./rewrite"

/** A local source file that a cell imports, as JavaScript. */
export interface LocalFile {
  readonly path: string
  readonly source: string
  /** An expression that gives a function, as `rewriteFile` makes it. */
  readonly code: string
  /** Source maps from `code` back to `source`, in the order in which to follow them. */
  readonly maps: readonly string[]
}

/** A cell that may run. */
export interface ConvertedCell extends Omit<RewrittenCell, "map"> {
  /** What the reader wrote. */
  readonly source: string
  /** Source maps from `code` back to `source` with `skippedLines` lines before it, in the order in which to follow them. */
  readonly maps: readonly string[]
  readonly skippedLines: number
  /** Local files that it imports, directly or not. */
  readonly files: readonly LocalFile[]
}

/** Either mistakes, or a cell. Plain data: the cell may run in another thread than the compiler. */
export type Conversion = { readonly mistakes: readonly Mistake[] } | { readonly cell: ConvertedCell }

/** What a converter knows of a notebook, as plain data: enough for another one to go on. */
export interface Knowledge {
  readonly cells: KnownCells
  /** Cells that are modules, by their files' names. */
  readonly modules: ReadonlyMap<string, string>
  readonly knowsNode: boolean
  /** Names that functions of cells use. */
  readonly captured: ReadonlySet<string>
}

/** What a converter does; tslab's has the same shape. The compiler is known to nobody else. */
export interface Converter {
  /** Checks a cell and makes JavaScript of it. Its names are known to other cells only after `keep`. */
  convert(code: string): Conversion
  /** Makes the names of the cell that was converted last known: call it when the cell starts to run. */
  keep(): void
  complete(code: string, cursor: number): Completion
  inspect(code: string, cursor: number): Explanation | undefined
  isComplete(code: string): ReturnType<typeof isComplete>
  readonly knowledge: Knowledge
}

/** Exports and prelude take one line. The exports, were there none, make any cell a module. */
const SKIPPED_LINES = 1

interface Assembled {
  readonly text: string
  readonly names: readonly DeclaredName[]
  readonly uses: ReadonlySet<string>
  /** Where the reader's text begins. */
  readonly offset: number
  readonly hasValue: boolean
  /** The same lines without the prelude, if they are JavaScript already. */
  readonly plain: string | undefined
}

/**
 * A converter for the notebook in `folder`.
 * @param known what an earlier converter for the same notebook knew
 */
export function createConverter(folder: string, place: Place, known?: Knowledge): Converter {
  const earlier = new EarlierCells(folder, known?.cells)
  const workspace = new Workspace(folder, compilerOptions(folder, place), earlier, place)
  for (const [name, text] of known?.modules ?? []) workspace.addModule(name, text)
  if (known?.knowsNode) workspace.learnNode()
  /** Names that functions of cells before use: a cell that declares them anew shares them from its first line on. */
  const captured = new Set(known?.captured)
  let last: (Assembled & { captured?: ReadonlySet<string> }) | undefined

  function convert(code: string): Conversion {
    const name = moduleName(code)
    return name === undefined ? convertCell(code) : convertModule(name, code)
  }

  /** A cell that begins with a comment saying `@module name` is a file that others import, and runs only then. */
  function convertModule(name: string, code: string): Conversion {
    workspace.addModule(name, code)
    const conversion = convertCell(`import "./${name}"`)
    if ("cell" in conversion) return convertCell("")
    return { mistakes: conversion.mistakes.map((mistake) => ({ ...mistake, file: undefined })) }
  }

  /** Decorators may be of either kind. Those that are wrong as the experimental ones are tried as the standard's. */
  function convertCell(code: string): Conversion {
    const conversion = convertWith("experimental", code)
    if ("cell" in conversion || !conversion.mistakes.some(isAboutDecorator)) return conversion
    const again = convertWith("standard", code)
    return "cell" in again ? again : conversion
  }

  function convertWith(decorators: Decorators, code: string): Conversion {
    last = assemble(code, earlier, mentionedIn(code))
    workspace.setCell(last.text)
    const { program, cell } = workspace.check(decorators)
    const files = localFiles(program, cell, folder)
    const mistakes = [cell, ...files].flatMap((file) => mistakesIn(program, file, file === cell))
    if (mistakes.length === 0) {
      const emitted = emitCell(program, cell, files, code, last)
      last = { ...last, captured: emitted.captured }
      return { cell: emitted }
    }
    if (workspace.knowsNode || !mistakes.some(mayBeMended)) return { mistakes }
    workspace.learnNode()
    return convertWith(decorators, code)
  }

  function emitCell(
    program: ts.Program,
    cell: ts.SourceFile,
    files: readonly ts.SourceFile[],
    source: string,
    { hasValue, plain }: Assembled,
  ): ConvertedCell {
    const { code, maps } = plain === undefined ? emit(program, cell) : { code: plain, maps: [] }
    const { map, ...rewritten } = rewriteCell(code, earlier.names, hasValue, captured)
    const locals = files.map((file) => emittedFile(program, file))
    return {
      ...rewritten,
      source,
      maps: [map, ...maps],
      skippedLines: SKIPPED_LINES,
      files: locals,
    }
  }

  function keep(): void {
    if (!last) return
    earlier.add(last.text, last.names, last.uses)
    for (const name of last.captured ?? []) captured.add(name)
  }

  /** Asks about a place; what is unknown is asked again with all of Node at hand. */
  function ask<T>(
    code: string,
    cursor: number,
    answer: (at: number, offset: number) => T | undefined,
  ): T | undefined {
    const { text, offset } = assemble(code, earlier, () => true)
    workspace.setCell(text)
    const found = answer(offset + cursor, offset)
    if (found !== undefined || workspace.knowsNode) return found
    workspace.learnNode()
    return answer(offset + cursor, offset)
  }

  function complete(code: string, cursor: number): Completion {
    const found = ask(code, cursor, (at, offset) => {
      const completion = completions(workspace, code, at, offset)
      return completion.matches.length > 0 || completion.valueAt ? completion : undefined
    })
    return found ?? { start: cursor, end: cursor, matches: [] }
  }

  return {
    convert,
    keep,
    complete,
    inspect: (code, cursor) =>
      ask(
        code,
        cursor,
        (at) => explainAssembly(workspace, at, place.describeInstruction) ?? explain(workspace, at),
      ),
    isComplete,
    get knowledge() {
      return { cells: earlier.known, modules: workspace.modules, knowsNode: workspace.knowsNode, captured }
    },
  }
}

/** The cell's text after what it offers to later cells and what it is told about earlier ones. */
function assemble(code: string, earlier: EarlierCells, wanted: (name: string) => boolean): Assembled {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, false)
  const names = declaredNames(file)
  const { text: prelude, uses } = earlier.prelude(file, names, wanted)
  const offered = names.filter(({ exported }) => !exported).map(({ name }) => name)
  const exports = `export { ${offered.join(", ")} };`
  const head = `${exports} ${prelude}\n`
  const plain = isPlainJavaScript(file) ? `${exports}\n${code}\n` : undefined
  const hasValue = endsInExpression(file)
  return { text: `${head}${code}\n`, names, uses, offset: head.length, hasValue, plain }
}

/** Accepts the names that occur in the code, were it in a comment: a few too many do no harm. */
function mentionedIn(code: string): (name: string) => boolean {
  const words = new Set(code.match(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu) ?? [])
  return (name) => words.has(name)
}

/** Could knowing more names help? Not against code that cannot be read, a wrong assignment (TS2322), or a wrong decorator. */
const mayBeMended = (mistake: Mistake): boolean =>
  !mistake.syntax && mistake.code !== 2322 && !isAboutDecorator(mistake)

/** What the compiler calls a function that cannot decorate what it stands before. */
const ABOUT_DECORATORS = new Set([1238, 1239, 1240, 1241, 1270, 1271, 1329])
const isAboutDecorator = ({ code }: Mistake): boolean => ABOUT_DECORATORS.has(code)

/** Source files of the reader that the cell imports. */
function localFiles(program: ts.Program, cell: ts.SourceFile, folder: string): ts.SourceFile[] {
  return program
    .getSourceFiles()
    .filter((file) => file !== cell && !file.isDeclarationFile && !isEarlierCell(file.fileName))
    .filter((file) => !isOfPackage(file.fileName, folder))
}

function mistakesIn(program: ts.Program, file: ts.SourceFile, isCell: boolean): Mistake[] {
  if (isCell) return mistakesOf(program, file, SKIPPED_LINES)
  return mistakesOf(program, file, 0).map((mistake) => ({ ...mistake, file: file.fileName }))
}

function emit(program: ts.Program, file: ts.SourceFile): { code: string; maps: string[] } {
  const result = { code: "", maps: [] as string[] }
  program.emit(file, (name, text) => {
    if (name.endsWith(".map")) result.maps.push(text)
    else if (!name.endsWith(".d.ts")) result.code = text
  })
  return result
}

/** What came of files that have not changed since. */
const emittedFiles = new WeakMap<ts.SourceFile, LocalFile>()

function emittedFile(program: ts.Program, file: ts.SourceFile): LocalFile {
  const known = emittedFiles.get(file) ?? emitFile(program, file)
  emittedFiles.set(file, known)
  return known
}

function emitFile(program: ts.Program, file: ts.SourceFile): LocalFile {
  const { fileName: path, text: source } = file
  if (path.endsWith(".json")) return { path, source, code: moduleOfJson(source), maps: [] }
  const { code, maps: compilerMaps } = emit(program, file)
  const compilerOptions = { ...program.getCompilerOptions(), module: ts.ModuleKind.CommonJS }
  const common = ts.transpileModule(code, { fileName: "file.js", compilerOptions })
  const rewritten = rewriteFile(common.outputText)
  const maps = [rewritten.map, common.sourceMapText ?? "", ...compilerMaps]
  return { path, source, code: rewritten.code, maps }
}
