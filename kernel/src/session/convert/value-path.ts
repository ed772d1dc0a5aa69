import ts from "typescript"
import type { Workspace } from "./workspace"

/**
 * The names that lead to the value whose property is typed at a place: `["rows", "0", "of"]` for `rows[0].of.`. Undefined where
 * calls or variables of a function lead there, since only running the code would tell.
 */
export function valuePath({ questions, cellFile, knowsNode }: Workspace, at: number): string[] | undefined {
  const program = questions.getProgram()
  const file = program?.getSourceFile(cellFile)
  const access = file && accessAt(file, at)
  const names = access && namesIn(access.expression)
  if (!names) return undefined
  const symbol = program?.getTypeChecker().getSymbolAtLocation(names.root)
  const known = symbol ? !(symbol.declarations ?? []).some((node) => isInside(node, file)) : knowsNode
  return known ? [names.root.text, ...names.rest] : undefined
}

/** The innermost `a.b` whose `b` is at a place, typed or not. */
function accessAt(node: ts.Node, at: number): ts.PropertyAccessExpression | undefined {
  const isAround = (child: ts.Node): boolean => child.pos <= at && at <= child.end
  const inner = ts.forEachChild(node, (child) => (isAround(child) ? accessAt(child, at) : undefined))
  return inner ?? (ts.isPropertyAccessExpression(node) && isAround(node.name) ? node : undefined)
}

interface Names {
  readonly root: ts.Identifier
  readonly rest: readonly string[]
}

function namesIn(node: ts.Expression): Names | undefined {
  if (ts.isIdentifier(node)) return { root: node, rest: [] }
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) || ts.isAsExpression(node))
    return namesIn(node.expression)
  const name = propertyIn(node)
  const before = name === undefined ? undefined : namesIn((node as ts.AccessExpression).expression)
  return before && name !== undefined ? { ...before, rest: [...before.rest, name] } : undefined
}

function propertyIn(node: ts.Expression): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return ts.isIdentifier(node.name) ? node.name.text : undefined
  if (!ts.isElementAccessExpression(node)) return undefined
  const { argumentExpression: key } = node
  return ts.isStringLiteralLike(key) || ts.isNumericLiteral(key) ? key.text : undefined
}

/** Is it declared in a function or a block of the cell? */
function isInside(declaration: ts.Node, file: ts.SourceFile): boolean {
  for (let node = declaration.parent; node && declaration.getSourceFile() === file; node = node.parent)
    if (ts.isFunctionLike(node) || ts.isBlock(node) || ts.isForStatement(node) || ts.isForOfStatement(node))
      return true
  return false
}
