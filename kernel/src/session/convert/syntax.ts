import { Parser } from "acorn"
import type { Node, Program } from "estree"

/** A node with its place in the text, as acorn gives it. */
export type Placed = Node & { start: number; end: number }

/** The compiler has judged the code already, and knows names, such as ambient ones, that JavaScript does not show. */
const Lenient = Parser.extend(
  (Base) =>
    class extends Base {
      raiseRecoverable(): void {}
    },
)

/** Reads JavaScript that the compiler has written. */
export function parseModule(code: string): Program & { start: number; end: number } {
  return Lenient.parse(code, { ecmaVersion: 2025, sourceType: "module", ranges: true }) as Program & {
    start: number
    end: number
  }
}

/** The node's children, in the order of the text. */
function children(node: Node): Placed[] {
  const found: Placed[] = []
  for (const value of Object.values(node).flat()) if (isNode(value)) found.push(value)
  return found.sort((a, b) => a.start - b.start)
}

function isNode(value: unknown): value is Placed {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string"
}

/** Visits a node before what is in it. A visitor that returns false keeps the walk out of the node. */
export function walk(node: Placed, visit: (node: Placed, parents: Placed[]) => unknown): void {
  const parents: Placed[] = []
  const step = (at: Placed): void => {
    if (visit(at, parents) === false) return
    parents.push(at)
    for (const child of children(at)) step(child)
    parents.pop()
  }
  step(node)
}

/** Code inside runs at another time than code around. */
export function isFunction(node: Node): boolean {
  return (
    node.type === "FunctionDeclaration" ||
    node.type === "FunctionExpression" ||
    node.type === "ArrowFunctionExpression"
  )
}
