import type MagicString from "magic-string"
import { type Placed, walk } from "./syntax"

/** Statements that may end without a semicolon, where the next line begins in a way that cannot go on with them. */
const OPEN_ENDED =
  /^(VariableDeclaration|(Expression|Return|Throw|Break|Continue|Debugger|DoWhile)Statement)$/

/**
 * Ends each statement with the semicolon that its author left to the language. What follows may begin with a parenthesis once
 * it is rewritten, and would then be taken for the arguments of a call.
 */
export function endStatements(text: MagicString, program: Placed): void {
  walk(program, (node, parents) => {
    if (!OPEN_ENDED.test(node.type) || text.original[node.end - 1] === ";") return
    if (!isHeadOfLoop(node, parents[parents.length - 1])) text.appendLeft(node.end, ";")
  })
}

/** The declaration in `for (let i = 0; …)` is no statement. */
export function isHeadOfLoop(node: Placed, parent: Placed): boolean {
  return /^For/.test(parent.type) && (parent as unknown as { body: Placed }).body !== node
}
