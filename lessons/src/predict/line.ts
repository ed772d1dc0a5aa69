/** What was predicted, in a quiet line above what happened. */
import { Widget } from "@lumino/widgets"
import { h, withCode } from "../dom"
import type { Cell } from "./panel"

export class Line extends Widget {
  constructor() {
    super({ node: h("div", { class: "rl-predicted" }) })
  }

  /** Say these guesses, or nothing. */
  tell(guesses: readonly string[]): void {
    this.node.replaceChildren(
      ...guesses.map((guess) => h("p", {}, h("span", {}, "You predicted: "), ...withCode(guess))),
    )
  }

  /** Give a cell that has been drawn its line, between its code and its outputs. */
  place(cell: Cell): void {
    const { layout } = cell
    const at = layout.widgets.findIndex((part) => part.hasClass("jp-Cell-outputWrapper"))
    if (at >= 0 && this.parent !== cell) layout.insertWidget(at, this)
  }
}
