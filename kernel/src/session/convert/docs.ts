import ts from "typescript"
import { docMarkdown, tagOf } from "./doc-tags"
import type { Workspace } from "./workspace"

/**
 * The doc comment of the name at a place as Markdown, read from the file that declares it. Declaration files are parsed without
 * their comments, since that makes starting twice as fast; here the one comment that somebody wants is read.
 */
export function docComment(workspace: Workspace, at: number): string {
  for (const { fileName, textSpan } of definitions(workspace, at)) {
    const text = workspace.questions.getProgram()?.getSourceFile(fileName)?.text
    const comment = text && commentBefore(fileName, text, textSpan.start)
    if (comment) return comment
  }
  return ""
}

/** A variable of an earlier cell is declared once more in the prelude: `declare let a: typeof import("…").a;` leads to it. */
function definitions({ questions, cellFile }: Workspace, at: number): readonly ts.DefinitionInfo[] {
  const text = questions.getProgram()?.getSourceFile(cellFile)?.text ?? ""
  const found = questions.getDefinitionAtPosition(cellFile, at) ?? []
  return found.flatMap((definition) => {
    const { start } = definition.textSpan
    const isPrelude = definition.fileName === cellFile && start < text.indexOf("\n")
    const origin = isPrelude && questions.getDefinitionAtPosition(cellFile, text.indexOf(";", start) - 1)
    return origin || [definition]
  })
}

function commentBefore(name: string, text: string, position: number): string {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true)
  for (let node: ts.Node | undefined = innermost(file, position); node && node !== file; node = node.parent) {
    const comments = ts.getJSDocCommentsAndTags(node)
    if (comments.length > 0) return markdownOf(comments)
    if (ENDS_SEARCH.some((is) => is(node))) return ""
  }
  return ""
}

/** What has a comment of its own, or none. */
const ENDS_SEARCH: readonly ((node: ts.Node) => boolean)[] = [
  ts.isStatement,
  ts.isTypeElement,
  ts.isClassElement,
  ts.isEnumMember,
  ts.isObjectLiteralElement,
]

function innermost(node: ts.Node, position: number): ts.Node {
  const inner = ts.forEachChild(node, (child) =>
    child.pos <= position && position < child.end ? child : undefined,
  )
  return inner ? innermost(inner, position) : node
}

function markdownOf(comments: readonly (ts.JSDoc | ts.JSDocTag)[]): string {
  const whole = comments.filter(ts.isJSDoc)
  const tags = comments.flatMap((comment) => (ts.isJSDoc(comment) ? (comment.tags ?? []) : [comment]))
  const description = whole.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "").join("\n")
  return docMarkdown(description, tags.map(tagOf))
}
