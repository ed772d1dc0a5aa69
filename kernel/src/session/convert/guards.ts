import type MagicString from "magic-string"
import { isFunction, type Placed, walk } from "./syntax"

/**
 * Names that rewritten code uses; the runner passes their values in.
 * `flag` is the shared memory that an interrupt sets, `stop` throws, `resume` passes a value on unless its cell was interrupted.
 */
export const hooks = {
  flag: "cell$flag",
  stop: "cell$stop",
  resume: "cell$resume",
  load: "cell$import",
  meta: "cell$meta",
} as const

const CHECK = `${hooks.flag}[0] !== 0`

/**
 * Makes code that can be interrupted: every turn of a loop and every call of a function looks at the flag, and what
 * comes back from an `await`, or is caught, asks whether its cell still runs. Without changing lines.
 */
export function insertGuards(text: MagicString, program: Placed): void {
  walk(program, (node) => {
    if (isFunction(node)) guardFunction(text, (node as unknown as { body: Placed }).body)
    else if (isLoop(node)) guardLoop(text, node)
    else if (node.type === "AwaitExpression") guardAwait(text, node)
    else if (node.type === "CatchClause") guardCatch(text, (node as unknown as { body: Placed }).body)
    else if (node.type === "ImportExpression")
      text.update(node.start, node.start + "import".length, hooks.load)
    else if (node.type === "MetaProperty" && node.meta.name === "import")
      text.update(node.start, node.end, hooks.meta)
  })
}

function isLoop(node: Placed): boolean {
  return /^(For|ForIn|ForOf|While|DoWhile)Statement$/.test(node.type)
}

function guardFunction(text: MagicString, body: Placed): void {
  if (body.type === "BlockStatement") text.appendRight(body.start + 1, ` if (${CHECK}) ${hooks.stop}();`)
  else around(text, body, `(${CHECK} && ${hooks.stop}(), `, ")")
}

function guardLoop(text: MagicString, loop: Placed): void {
  const { body } = loop as unknown as { body: Placed }
  const resumed = loop.type === "ForOfStatement" && loop.await ? ` ${hooks.resume}();` : ""
  const guard = ` if (${CHECK}) ${hooks.stop}();${resumed}`
  if (body.type === "BlockStatement") text.appendRight(body.start + 1, guard)
  else {
    text.appendRight(body.start, `{${guard} `)
    text.appendLeft(body.end, " }") // after the semicolon that ends the body
  }
}

function guardAwait(text: MagicString, node: Placed): void {
  around(text, node, `${hooks.resume}(`, ")")
}

/** A loop that tries again and again must not take an interrupt for one more failure. */
function guardCatch(text: MagicString, body: Placed): void {
  text.appendRight(body.start + 1, ` ${hooks.resume}();`)
}

/** Nodes are visited from the outside in, so what is put around an inner node ends up inside. */
function around(text: MagicString, node: Placed, before: string, after: string): void {
  text.appendRight(node.start, before)
  text.prependLeft(node.end, after)
}
