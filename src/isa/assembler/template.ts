/** Where a line of an assembled template was written: in the template itself, or in a text that was inserted. */

/** A place as its writer counts: `line` from 1, in the template or, if `inserted` is given, in the inserted text of that number. */
export interface TemplatePlace {
  readonly line: number
  /** Counts the template's insertions from 1. */
  readonly inserted?: number
}

const newlines = (text: string) => text.split("\n").length - 1

/**
 * Places of all lines of the source that `pieces` and `texts` make together. A line that holds both belongs to the template.
 * @param pieces of the template, one more than `texts`
 * @param texts that were inserted between them
 */
export function templatePlaces(pieces: readonly string[], texts: readonly string[]): TemplatePlace[] {
  const places: TemplatePlace[] = [{ line: 1 }]
  pieces.forEach((piece, n) => {
    let { line } = places[places.length - 1]
    for (let more = newlines(piece); more > 0; more--) places.push({ line: ++line })
    const inner = newlines(texts[n] ?? "")
    for (let own = 2; own <= inner; own++) places.push({ line: own, inserted: n + 1 })
    if (inner > 0) places.push({ line })
  })
  return places
}
