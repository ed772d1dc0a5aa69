import ts from "typescript"

/**
 * The compiler marks each tree with what in it must be rewritten; its declarations leave the marks out, so a test watches
 * over them. These are the marks of what JavaScript of 2024 does not have, or has with another meaning.
 */
const marks = (ts as unknown as { TransformFlags: Record<string, number> }).TransformFlags
const REWRITTEN = [
  "ContainsTypeScript",
  "ContainsTypeScriptClassSyntax",
  "ContainsJsx",
  "ContainsESNext",
  "ContainsDecorators",
  "ContainsClassFields",
  "ContainsDynamicImport",
].reduce((all, name) => all | marks[name], 0)

/**
 * Is the code JavaScript as it stands? Most cells are. The compiler need not write them anew, which is half of the time that
 * it takes for a short one.
 */
export function isPlainJavaScript(file: ts.SourceFile): boolean {
  const { transformFlags } = file as unknown as { transformFlags: number }
  return (transformFlags & REWRITTEN) === 0 && !file.statements.some(isModuleSyntax)
}

/** What is imported may be a type only, and then there is nothing to import when the cell runs. */
const isModuleSyntax = (statement: ts.Statement): boolean =>
  ts.isImportDeclaration(statement) ||
  ts.isImportEqualsDeclaration(statement) ||
  ts.isExportDeclaration(statement) ||
  ts.isExportAssignment(statement)
