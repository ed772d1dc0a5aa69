/** The style sheet of the pictures, put into the page once. */
import { DRAW_STYLE } from "ringlab"
import { h } from "../dom"

const ID = "ringlab-draw-style"

/** Make sure that the page has the style sheet. */
export function useDrawStyle(): void {
  if (!document.getElementById(ID)) document.head.append(h("style", { id: ID }, DRAW_STYLE))
}
