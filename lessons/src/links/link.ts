/**
 * Links of a lesson's text that drive a recording: ordinary Markdown, which other front-ends show as text.
 *
 *     [step 31](#ringlab?step=31)                     the last recording above the link, or else the first one below
 *     [the pushed CS](#ringlab?step=31&show=stack+CS) and what it names flashes
 *     [the next run](#ringlab?step=4&in=below)        the first recording below
 *     [step 31](#ringlab?step=31 "popf")              "popf" is what the step's sentence says: tests of notebooks look for it
 */

/** What a link asks for. */
export interface StepLink {
  /** Undefined: the step that is shown. */
  readonly step: number | undefined
  /** A part of the picture, by its name: "gate", "stack CS", "EAX", "IF", "why" …; empty for none. */
  readonly show: string
  readonly where: "above" | "below"
}

const START = "#ringlab?"

/** Read a link's address; undefined if it is none of ours. */
export function readLink(href: string | null): StepLink | undefined {
  const at = href?.indexOf(START) ?? -1
  if (href === null || at < 0) return undefined
  const asked = new URLSearchParams(href.slice(at + START.length))
  const step = asked.get("step")
  return {
    step: step !== null && /^\d{1,9}$/.test(step) ? Number(step) : undefined,
    show: asked.get("show") ?? "",
    where: asked.get("in") === "below" ? "below" : "above",
  }
}

/** What comes nearest to a link, of those in the order of the page: the last above it, or the first below. */
export function nearest<Item>(
  items: readonly Item[],
  isAbove: (item: Item) => boolean,
  where: StepLink["where"],
): Item | undefined {
  const above = items.filter(isAbove)
  const below = items.filter((item) => !isAbove(item))
  return where === "above" ? (above.at(-1) ?? below[0]) : (below[0] ?? above.at(-1))
}
