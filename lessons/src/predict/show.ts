/** Scrolls a notebook to what a cell gave, as that grows: a picture is drawn by a worker, after its cell has run. */
import type { Hand } from "./hand"
import { type Span, scrollFor } from "./reveal"

/** Milliseconds after which an output is no longer waited for, and without growth after which it is looked at. */
const LASTS = 10_000
const RESTS = 120

/** Outputs of ours, and predictions: notebooks without them scroll as ever. */
const OURS = ".rl-output, .rl-predicted p"

/** Show what a cell has given, unless the reader does something else. */
export function show(cell: Element, hand: Hand): void {
  const scroller = cell.closest(".jp-WindowedPanel-outer")
  if (!scroller) return
  let timer: ReturnType<typeof setTimeout> | undefined
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(() => (hand.isElsewhere ? end() : scroll(scroller, cell)), RESTS)
  }
  const growing = new ResizeObserver(soon) // tells at once how large the cell is, too
  growing.observe(cell)
  const end = () => growing.disconnect()
  setTimeout(end, LASTS)
}

function scroll(scroller: Element, cell: Element): void {
  const [line, output] = [
    cell.querySelector(".rl-predicted:not(:empty)"),
    cell.querySelector(".jp-Cell-outputWrapper"),
  ]
  if (!output || !cell.isConnected || !cell.querySelector(OURS)) return
  const given = { top: spanOf(line ?? output).top, bottom: spanOf(output).bottom }
  const top = scrollFor(spanOf(scroller), spanOf(cell), given)
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches
  if (top !== 0) scroller.scrollBy({ top, behavior: isStill ? "instant" : "smooth" })
}

const spanOf = (element: Element): Span => element.getBoundingClientRect()
