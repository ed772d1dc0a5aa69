/** "Next trap, previous fault …": a kind of happening to choose, with how many there are, and the way to the next and the last. */
import { countMarks, kindWord, MARK_KINDS, SIGNS, type Timeline } from "ringlab"
import { button, h } from "../dom"
import type { Target } from "./jump"
import type { RecordingModel } from "./model"

export class JumpBar {
  readonly node: HTMLElement

  constructor(private readonly model: RecordingModel) {
    this.kinds.addEventListener("change", () => this.name())
    this.node = h(
      "span",
      { class: "rl-group rl-jumps", role: "group", "aria-label": "Jump to" },
      this.back,
      this.kinds,
      this.on,
    )
  }

  /** Show which kinds there are; those that never happen are left out. */
  show(): void {
    if (this.model.timeline === this.shown) return
    this.shown = this.model.timeline
    const chosen = this.kinds.value
    const { marks } = this.shown
    const counts = countMarks(marks)
    const there = MARK_KINDS.filter((kind) => counts[kind] > 0)
    const option = (value: string, label: string) => h("option", { value, selected: value === chosen }, label)
    this.kinds.replaceChildren(
      option("any", marks.length === 0 ? "no event" : "any event"),
      ...there.map((kind) => option(kind, `${kindWord(kind, marks)} (${counts[kind].toLocaleString("en")})`)),
    )
    for (const control of [this.back, this.kinds, this.on]) control.disabled = marks.length === 0
    this.name()
  }

  private get target(): Target {
    return (this.kinds.value || "any") as Target
  }

  private name(): void {
    const word = this.target === "any" ? "event" : SIGNS[this.target].word
    this.back.setAttribute("aria-label", `Previous ${word}`)
    this.on.setAttribute("aria-label", `Next ${word}`)
  }

  private readonly kinds = h("select", { class: "rl-field", "aria-label": "Kind of event" })
  private readonly back = button("‹", "The one before", () => this.model.jump(this.target, -1), "rl-icon")
  private readonly on = button("›", "The next one", () => this.model.jump(this.target, 1), "rl-icon")
  private shown: Timeline | null = null
}
