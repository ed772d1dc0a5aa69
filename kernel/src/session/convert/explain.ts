import ts from "typescript"
import { hideCells } from "./diagnostics"
import { docComment } from "./docs"
import type { Workspace } from "./workspace"

/** What a name is, and what its author says about it. */
export interface Explanation {
  readonly signature: string
  readonly documentation: string
}

/** Explains the name at a place, or the function whose arguments are being typed there. */
export function explain(workspace: Workspace, at: number): Explanation | undefined {
  const { questions, cellFile } = workspace
  for (const place of [at, at - 1, calledName(questions, cellFile, at)]) {
    const info = questions.getQuickInfoAtPosition(cellFile, Math.max(0, place))
    if (info) return { signature: signatureOf(info), documentation: documentationOf(workspace, info, place) }
  }
  return undefined
}

/** The place of `f` in `f(a, |`. */
function calledName(questions: ts.LanguageService, file: string, at: number): number {
  const help = questions.getSignatureHelpItems(file, at, undefined)
  return help ? help.applicableSpan.start - 2 : at
}

/** Readers need not know that an earlier cell is imported. */
function signatureOf(info: ts.QuickInfo): string {
  const text = ts.displayPartsToString(info.displayParts)
  return hideCells(text.replace(/^\(alias\) /, "").replace(/\nimport \S+$/, ""))
}

function documentationOf(workspace: Workspace, info: ts.QuickInfo, place: number): string {
  const tags = (info.tags ?? []).map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`.trim())
  const own = [ts.displayPartsToString(info.documentation), ...tags].filter(Boolean).join("\n")
  return own || docComment(workspace, place)
}
