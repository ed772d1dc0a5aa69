import ts from "typescript"
import { hideCells } from "./diagnostics"
import { docMarkdown, tagOfInfo } from "./doc-tags"
import { docComment } from "./docs"
import type { Workspace } from "./workspace"

/** What a name is, and what its author says about it. */
export interface Explanation {
  readonly signature: string
  /** Markdown. */
  readonly documentation: string
}

/** Explains the name at a place, or the function whose arguments are being typed there. */
export function explain(workspace: Workspace, at: number): Explanation | undefined {
  const { questions, cellFile } = workspace
  for (const place of [at, at - 1, calledName(questions, cellFile, at), typeNamed(questions, cellFile, at)]) {
    const info = questions.getQuickInfoAtPosition(cellFile, Math.max(0, place))
    if (info && !isUnknown(info))
      return { signature: signatureOf(info), documentation: documentationOf(workspace, info, place) }
  }
  return undefined
}

/** The compiler takes a name that it does not know for something of any type. */
const isUnknown = ({ kind, displayParts }: ts.QuickInfo): boolean =>
  kind === ts.ScriptElementKind.unknown && ts.displayPartsToString(displayParts) === "any"

/** The place of `f` in `f(a, |`. */
function calledName(questions: ts.LanguageService, file: string, at: number): number {
  const help = questions.getSignatureHelpItems(file, at, undefined)
  return help ? help.applicableSpan.start - 2 : at
}

/** Where the type is declared whose name stands at a place where only values have names. */
function typeNamed(questions: ts.LanguageService, name: string, at: number): number {
  const program = questions.getProgram()
  const file = program?.getSourceFile(name)
  if (!program || !file) return at
  const word = wordAround(file.text, at)
  const types = program.getTypeChecker().getSymbolsInScope(file, ts.SymbolFlags.Type | ts.SymbolFlags.Alias)
  const declaration = types.find(({ name }) => name === word)?.declarations?.[0] as
    | ts.NamedDeclaration
    | undefined
  return declaration?.getSourceFile() === file ? (declaration.name?.getStart(file) ?? at) : at
}

/** The name that stands at a place. */
export function wordAround(text: string, at: number): string {
  const before = text.slice(0, at).match(/[\p{ID_Continue}$]*$/u)?.[0] ?? ""
  return before + (text.slice(at).match(/^[\p{ID_Continue}$]*/u)?.[0] ?? "")
}

/** Readers need not know that an earlier cell is imported. */
function signatureOf(info: ts.QuickInfo): string {
  const text = ts.displayPartsToString(info.displayParts)
  return hideCells(text.replace(/^\(alias\) /, "").replace(/\nimport \S+$/, ""))
}

function documentationOf(workspace: Workspace, info: ts.QuickInfo, place: number): string {
  const own = docMarkdown(ts.displayPartsToString(info.documentation), (info.tags ?? []).map(tagOfInfo))
  return own || docComment(workspace, place)
}
