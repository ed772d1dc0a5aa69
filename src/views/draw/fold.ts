/** Parts of a picture that fold to a line: they are open where the step has to do with them, or where the reader has opened them. */
import type { Frame } from "../view"
import { AFTER, type Panel, TITLE } from "./panel"
import { clip, escapeText, line, texts } from "./svg"

/** What the reader has opened (true) and closed (false), by the parts' names. */
export type Folds = Readonly<Record<string, boolean>>

/** A part that folds. */
export interface Foldable {
  readonly title: string
  /** Whether the step has to do with it. */
  isUsed(frame: Frame): boolean
  /** What stands beside the title while it is folded. */
  idle(frame: Frame): string
  draw(frame: Frame, width: number, folds: Folds | undefined): Panel | null
}

/** Draw a part, or the line that it is folded to. Without `folds` nobody can open it, and nothing looks as if one could. */
export function drawFoldable(
  name: string,
  part: Foldable,
  { frame, width, folds }: { readonly frame: Frame; readonly width: number; readonly folds?: Folds },
): Panel | null {
  const isOpen = folds?.[name] ?? part.isUsed(frame)
  const panel = part.draw(frame, width, folds)
  if (panel === null) return null
  const shown = isOpen ? panel : folded(part, frame, width)
  return folds ? { ...shown, svg: shown.svg + button(name, part.title, isOpen, width) } : shown
}

function folded({ title, idle }: Foldable, frame: Frame, width: number): Panel {
  const note = clip(idle(frame), Math.floor((width - title.length * 8 - 24) / 6.4))
  const words = texts(0, 15, [
    [title, "rl-head"],
    [note, "rl-small"],
  ])
  return { svg: words + line(0, 22.5, width, 22.5, "rl-rule"), height: TITLE + AFTER / 2 }
}

/** Over the whole title, so that it is easily hit; a caret at its end. */
function button(name: string, title: string, isOpen: boolean, width: number): string {
  const caret = isOpen ? "M-4 -2L0 2L4 -2" : "M2 -4L-2 0L2 4"
  return (
    `<g class="rl-fold" role="button" tabindex="0" data-fold="${escapeText(name)}" aria-expanded="${isOpen}" aria-label="${escapeText(title)}">` +
    `<rect x="-4" y="1" width="${Math.round(width) + 8}" height="21" rx="3" class="rl-hit"/>` +
    `<path d="${caret}" transform="translate(${Math.round(width) - 10} 11)" class="rl-glyph-line"/></g>`
  )
}
