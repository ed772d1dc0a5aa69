import { inspect } from "node:util"
import { readable } from "../../display/traceback"

/** How Node marks promises and timers to find their cell. Readers need not see it. */
const BOOKKEEPING =
  /,?\s*\[Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)\]: (?:\d+|undefined|<cell>)/g

/** A value's text, as Node writes it, without colours and without our own marks. */
export function inspectPlainly(value: unknown): string {
  const text = inspect(value, { maxStringLength: 10_000, breakLength: 100 })
  return hideBookkeeping(
    text.replace(HALF, (_, quote, more) => `${quote}... ${Number(more) + 1} more characters`),
  )
}

/** Node cuts long strings without looking at what it cuts. Of a character of which only half is there, nothing is shown. */
const HALF = /\\u[dD][89abAB][\da-fA-F]{2}(["'`])\.\.\. (\d+) more characters?/g

/** The same text without the marks that following asynchronous code leaves on promises and timers, and without boxes. */
export function hideBookkeeping(text: string): string {
  return hideMarks(text.includes("box$") ? readable(text) : text)
}

function hideMarks(text: string): string {
  if (!text.includes("[Symbol(")) return text
  return text.replace(BOOKKEEPING, "").replace(/Promise \{\n\s+([^\n]{0,72})\n\s*\}/g, "Promise { $1 }")
}
