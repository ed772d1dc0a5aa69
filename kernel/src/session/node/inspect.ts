import { inspect } from "node:util"

/** How Node marks promises and timers to find their cell. Readers need not see it. */
const BOOKKEEPING =
  /,?\s*\[Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)\]: (?:\d+|undefined|<cell>)/g

/** A value's text, as Node writes it, without colours and without our own marks. */
export function inspectPlainly(value: unknown): string {
  return hideBookkeeping(inspect(value, { maxStringLength: 10_000, breakLength: 100 }))
}

/** The same text without the marks that following asynchronous code leaves on promises and timers. */
export function hideBookkeeping(text: string): string {
  if (!text.includes("[Symbol(")) return text
  return text.replace(BOOKKEEPING, "").replace(/Promise \{\n\s+([^\n]{0,72})\n\s*\}/g, "Promise { $1 }")
}
