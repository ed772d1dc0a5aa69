import ts from "typescript"

interface Completeness {
  readonly status: "complete" | "incomplete" | "invalid"
  readonly indent?: string
}

/** Would a reader who presses Enter here go on typing? Answers as the protocol's `is_complete_reply`. */
export function isComplete(code: string): Completeness {
  const file = ts.createSourceFile("cell.ts", AS_MODULE + code, ts.ScriptTarget.ES2022, false)
  const problems = (file as unknown as { parseDiagnostics: ts.Diagnostic[] }).parseDiagnostics
  if (problems.length === 0) return lacksBody(file) ? incomplete(code) : { status: "complete" }
  const codes = new Set(problems.map(({ code }) => code))
  if (codes.has(TEMPLATE) || codes.has(COMMENT)) return { status: "incomplete", indent: "" }
  const end = file.endOfFileToken.pos // comments after the last word are no part of what is wrong
  const [first] = problems
  const lacksEnd = first.code !== STRING && (first.start ?? 0) >= end
  return lacksEnd ? incomplete(code) : { status: "invalid" }
}

/** Only a module may await at its top. */
const AS_MODULE = "export {};"

/** The compiler's numbers for what lacks its end. A text cannot go on in the next line; the others end nowhere else. */
const [STRING, TEMPLATE, COMMENT] = [1002, 1160, 1010]

/** To the compiler a function without a body may be the first of several signatures; a reader is about to write it. */
function lacksBody({ statements }: ts.SourceFile): boolean {
  const last = statements.at(-1)
  if (!last || !ts.isFunctionDeclaration(last) || last.body) return false
  return !last.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)
}

/** The indent of the last line, one level deeper after an opening bracket and before a body. */
function incomplete(code: string): Completeness {
  const last = code.trimEnd().split("\n").at(-1) ?? ""
  const indent = last.slice(0, last.length - last.trimStart().length)
  return { status: "incomplete", indent: leadsDeeper(tokens(last)) ? `${indent}  ` : indent }
}

function leadsDeeper(line: readonly ts.SyntaxKind[]): boolean {
  const [first, last] = [line[0], line[line.length - 1]]
  const open = line.reduce((depth, token) => depth + (DEPTH.get(token) ?? 0), 0)
  const isHead = HEADS.has(first) && last === ts.SyntaxKind.CloseParenToken
  return open > 0 || isHead || BEFORE_BODY.has(last)
}

const { SyntaxKind } = ts
const DEPTH = new Map([
  [SyntaxKind.OpenBraceToken, 1],
  [SyntaxKind.OpenBracketToken, 1],
  [SyntaxKind.OpenParenToken, 1],
  [SyntaxKind.CloseBraceToken, -1],
  [SyntaxKind.CloseBracketToken, -1],
  [SyntaxKind.CloseParenToken, -1],
])
const HEADS = new Set([SyntaxKind.IfKeyword, SyntaxKind.ForKeyword, SyntaxKind.WhileKeyword])
const BEFORE_BODY = new Set([
  SyntaxKind.EqualsGreaterThanToken,
  SyntaxKind.EqualsToken,
  SyntaxKind.ElseKeyword,
  SyntaxKind.DoKeyword,
  SyntaxKind.ColonToken,
])

function tokens(line: string): ts.SyntaxKind[] {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true, undefined, line)
  const found: ts.SyntaxKind[] = []
  for (let kind = scanner.scan(); kind !== SyntaxKind.EndOfFileToken; kind = scanner.scan()) found.push(kind)
  return found
}
