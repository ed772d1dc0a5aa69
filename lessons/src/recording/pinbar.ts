/** What a reader watches: add something by name, remove it by its button. */
import { button, h, setText } from "../dom"
import type { RecordingModel } from "./model"

const HINT =
  "eax, ticks, [esp+8], message db 16: a register, or a place in memory with its type (db, dw, dd) and how many"

export class PinBar {
  readonly node = h("div", {
    class: "rl-toolbar rl-pins",
    role: "group",
    "aria-label": "Pins",
    hidden: true,
  })

  constructor(private readonly model: RecordingModel) {
    const label = h("label", {}, "Watch ", this.field)
    const pin = button("Pin", "Show this in each step", () => this.pin())
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.pin()
    })
    this.node.append(label, pin, this.wrong, this.list)
  }

  /** Show the pins, and what was wrong with the last one. */
  show(): void {
    setText(this.wrong, this.model.pinNotice)
    this.field.setAttribute("aria-invalid", String(this.model.pinNotice !== ""))
    if (this.model.pins === this.shown) return
    this.shown = this.model.pins
    this.list.replaceChildren(...this.shown.map((name) => this.buildPin(name)))
  }

  /** Show the row, with the focus in its field, or hide it. */
  toggle(): void {
    this.node.hidden = !this.node.hidden
    if (!this.node.hidden) this.field.focus()
  }

  disable(): void {
    for (const control of this.node.querySelectorAll<HTMLButtonElement | HTMLInputElement>("button, input"))
      control.disabled = true
  }

  private buildPin(name: string): HTMLElement {
    const remove = button(`${name} ✕`, `Remove ${name}`, () => this.model.unpin(name))
    remove.setAttribute("aria-label", `Watch ${name} no more`)
    return remove
  }

  private pin(): void {
    this.model.pin(this.field.value)
    this.field.select()
  }

  private readonly field = h("input", {
    type: "text",
    class: "rl-field",
    placeholder: "eax, [esp+8], ticks dd",
    title: HINT,
    spellcheck: "false",
  })
  private readonly wrong = h("span", { class: "rl-wrong", role: "status" })
  private readonly list = h("span", { class: "rl-pin-list" })
  private shown: readonly string[] | null = null
}
