import ts from "typescript"
import type { Workspace } from "./workspace"

/**
 * The doc comment of the name at a place, read from the file that declares it. Declaration files are parsed without
 * their comments, since that makes starting twice as fast; here the one comment that somebody wants is read.
 */
export function docComment(workspace: Workspace, at: number): string {
  const { questions, cellFile } = workspace
  const definitions = questions.getDefinitionAtPosition(cellFile, at) ?? []
  for (const { fileName, textSpan } of definitions) {
    const text = questions.getProgram()?.getSourceFile(fileName)?.text
    const comment = text && commentBefore(fileName, text, textSpan.start)
    if (comment) return comment
  }
  return ""
}

function commentBefore(name: string, text: string, position: number): string {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true)
  for (let node: ts.Node | undefined = innermost(file, position); node && node !== file; node = node.parent) {
    const comments = ts.getJSDocCommentsAndTags(node)
    if (comments.length > 0) return comments.map(plainText).join("\n").trim()
    if (ts.isStatement(node) || ts.isTypeElement(node) || ts.isClassElement(node)) return ""
  }
  return ""
}

function innermost(node: ts.Node, position: number): ts.Node {
  const inner = ts.forEachChild(node, (child) =>
    child.pos <= position && position < child.end ? child : undefined,
  )
  return inner ? innermost(inner, position) : node
}

function plainText(comment: ts.JSDoc | ts.JSDocTag): string {
  const text = ts.getTextOfJSDocComment(comment.comment) ?? ""
  if (!ts.isJSDoc(comment)) return `@${comment.tagName.text} ${text}`
  return [text, ...(comment.tags ?? []).map(tagText)].filter(Boolean).join("\n")
}

function tagText(tag: ts.JSDocTag): string {
  const name = ts.isJSDocParameterTag(tag) ? ` ${tag.name.getText()}` : ""
  return `@${tag.tagName.text}${name} ${ts.getTextOfJSDocComment(tag.comment) ?? ""}`.trim()
}
