import { cut } from "../cut"
import { limits } from "../limits"
import type { MimeBundle } from "../protocol"
import { tableBundle } from "./table"

/** The method by which a value says how it wants to be shown. */
export const DISPLAY = Symbol.for("Jupyter.display")

type Inspect = (value: unknown) => string

/**
 * How a value is shown: as it wants itself, or as a table of plain rows, or as `inspect` writes it.
 * Looking at a value never throws, whatever its getters do. A display that takes its time is a promise, which is
 * rejected with what goes wrong on the way.
 */
export function bundleOf(value: unknown, inspect: Inspect): MimeBundle | Promise<MimeBundle> {
  try {
    return ownBundle(value, inspect) ?? tableBundle(value, inspect) ?? plain(inspect(value))
  } catch (error) {
    return plain(`(this value cannot be shown: ${messageOf(error)})`)
  }
}

function ownBundle(value: unknown, inspect: Inspect): MimeBundle | Promise<MimeBundle> | undefined {
  const display = displayMethod(value)
  if (!display) return undefined
  const bundle = display.call(value) as unknown
  if (bundle instanceof Promise)
    return bundle.then((ready) => withText(ready, value, inspect) ?? plain(inspect(value)))
  return withText(bundle, value, inspect)
}

function withText(bundle: unknown, value: unknown, inspect: Inspect): MimeBundle | undefined {
  if (typeof bundle !== "object" || bundle === null) return undefined
  return "text/plain" in bundle ? { ...bundle } : { ...bundle, ...plain(inspect(value)) }
}

function displayMethod(value: unknown): ((this: unknown) => unknown) | undefined {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined
  const method = (value as Record<symbol, unknown>)[DISPLAY]
  return typeof method === "function" ? (method as () => unknown) : undefined
}

function plain(text: string): MimeBundle {
  return { "text/plain": clip(text) }
}

function clip(text: string): string {
  if (text.length <= limits.plainText) return text
  const shown = cut(text, limits.plainText)
  return `${shown}\n… (${text.length - shown.length} more characters)`
}

/** The message of whatever was thrown, or a word for it. */
export function messageOf(error: unknown): string {
  try {
    return String((error as Error)?.message ?? error)
  } catch {
    return "it throws when looked at"
  }
}
