import ts from "typescript"

/** Would a reader who presses Enter here go on typing? Answers as the protocol's `is_complete_reply`. */
export function isComplete(code: string): { status: "complete" | "incomplete" | "invalid"; indent?: string } {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, false)
  const problems = (file as unknown as { parseDiagnostics: ts.Diagnostic[] }).parseDiagnostics
  if (problems.length === 0) return { status: "complete" }
  const end = code.trimEnd().length
  const unfinished = problems.some((problem) => UNTERMINATED.has(problem.code) || (problem.start ?? 0) >= end)
  return unfinished ? { status: "incomplete", indent: indentAfter(code) } : { status: "invalid" }
}

/** An unclosed comment, an unclosed template: wherever they start, only the end of the code can mend them. */
const UNTERMINATED = new Set([1010, 1160])

/** The indent of the last line, one level deeper after an opening bracket. */
function indentAfter(code: string): string {
  const last = code.slice(code.lastIndexOf("\n") + 1)
  const indent = last.slice(0, last.length - last.trimStart().length)
  return /[{([]\s*$/.test(last) ? `${indent}  ` : indent
}
