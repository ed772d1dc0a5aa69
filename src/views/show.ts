/**
 * How values show themselves. Our kernel looks for the display symbol; under another tslab-compatible kernel a cell
 * passes that kernel's display in: `show(value, tslab.display)`.
 */

import { DISPLAY, INSPECT } from "../numbers/host"

/** Contents by MIME type. */
export type MimeBundle = Readonly<Record<string, unknown>>

export { DISPLAY, INSPECT }

/** A value that shows itself in a notebook, and as text anywhere. */
export interface Shown {
  [DISPLAY](): MimeBundle
  [INSPECT](): string
}

/** What stock tslab's `display` offers, as far as we use it. */
export interface TslabDisplay {
  /** Show content of a MIME type; what is no text goes as JSON. */
  raw(contentType: string, content: unknown): void
}

/**
 * Show a value through another kernel's display: `show(recording, tslab.display)`. A value that takes its time, as a
 * function to explore may, gives a promise: `await show(explore(…), tslab.display)`.
 * @throws TypeError if the value cannot show itself
 */
export function show(value: unknown, display: TslabDisplay): undefined | Promise<undefined> {
  const method = (value as { [DISPLAY]?(): MimeBundle | Promise<MimeBundle> } | null | undefined)?.[DISPLAY]
  const bundle = method?.call(value)
  if (!bundle)
    throw new TypeError(
      "this value cannot show itself: give show() a recording, an experiment or an exercise",
    )
  return bundle instanceof Promise
    ? bundle.then((ready) => showBundle(ready, display))
    : showBundle(bundle, display)
}

function showBundle(bundle: MimeBundle, display: TslabDisplay): undefined {
  for (const [type, content] of Object.entries(bundle))
    display.raw(type, typeof content === "string" ? content : JSON.stringify(content))
}
