/** "Next trap, previous fault …": a pair of buttons for each kind of happening, with how many there are. */
import { countMarks, kindWord, MARK_KINDS, type MarkKind, SIGNS, type Timeline } from "ringlab"
import { button, h } from "../dom"
import type { RecordingModel } from "./model"

export class JumpBar {
  readonly node = h(
    "div",
    { class: "rl-toolbar rl-jumps", role: "group", "aria-label": "Jump to" },
    h("span", {}, "Jump to"),
  )

  constructor(private readonly model: RecordingModel) {
    this.node.append(...MARK_KINDS.map((kind) => this.buildGroup(kind)), this.none)
  }

  /** Show the counts; kinds that never happen are named in a few words instead. */
  show(): void {
    if (this.model.timeline === this.shown) return
    this.shown = this.model.timeline
    const counts = countMarks(this.shown.marks)
    for (const kind of MARK_KINDS) this.groups.get(kind)?.(counts[kind], kindWord(kind, this.shown.marks))
    const absent = MARK_KINDS.filter((kind) => counts[kind] === 0).map((kind) => SIGNS[kind].word)
    this.none.textContent = absent.length > 0 ? `(no ${absent.join(", no ")})` : ""
  }

  private buildGroup(kind: MarkKind): HTMLElement {
    const { word } = SIGNS[kind]
    const back = button("‹", `Previous ${word}`, () => this.model.jump(kind, -1))
    const on = button("›", `Next ${word}`, () => this.model.jump(kind, 1))
    back.setAttribute("aria-label", `Previous ${word}`)
    on.setAttribute("aria-label", `Next ${word}`)
    const label = h("span", { class: "rl-jump-label" })
    const group = h("span", { class: "rl-jump", "data-kind": kind }, back, label, on)
    this.groups.set(kind, (count, word) => {
      label.textContent = `${word} (${count.toLocaleString("en")})`
      back.disabled = on.disabled = count === 0
      group.hidden = count === 0
    })
    return group
  }

  private readonly groups = new Map<MarkKind, (count: number, word: string) => void>()
  private readonly none = h("span", { class: "rl-quiet" })
  private shown: Timeline | null = null
}
