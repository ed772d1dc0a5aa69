/** How far a notebook is to be scrolled, so that what a cell gave can be seen. Down is positive, all in CSS pixels on the page. */

/** From the top of something to its bottom. */
export interface Span {
  readonly top: number
  readonly bottom: number
}

/** So much of an output is looked at first: of a recording its controls, lanes and words. */
const FIRST = 280
/** What is left free above and below. */
const AIR = 8

/**
 * Nothing, if the first part of the output is in view. Else as much of the cell as there is room for, if that reaches the first part of its
 * output; else the output.
 */
export function scrollFor(view: Span, cell: Span, output: Span): number {
  const first = Math.min(output.bottom, output.top + FIRST)
  if (output.top >= view.top && first <= view.bottom) return 0
  const room = view.bottom - view.top - 2 * AIR
  const top = first - cell.top <= room ? cell.top : output.top
  const bottom = Math.min(output.bottom, top + room)
  return top < view.top ? top - view.top - AIR : bottom - view.bottom + AIR
}
