/** The memory that a reader pinned: add one by name, remove one by its button. */
import { button, h, setText } from "../dom"
import type { RecordingModel } from "./model"

const HINT = "a register, a label, an expression such as esp+8, or a hexadecimal address"

export class PinBar {
  readonly node = h("div", { class: "rl-toolbar rl-pins", role: "group", "aria-label": "Pinned memory" })

  constructor(private readonly model: RecordingModel) {
    const label = h("label", {}, "Pin memory at ", this.field)
    const pin = button("Pin", "Show this memory in each step", () => this.pin())
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

  private buildPin(name: string): HTMLElement {
    const remove = button(`${name} ✕`, `Remove ${name}`, () => this.model.unpin(name))
    remove.setAttribute("aria-label", `Remove the pinned memory ${name}`)
    return remove
  }

  private pin(): void {
    this.model.pin(this.field.value)
    this.field.select()
  }

  private readonly field = h("input", {
    type: "text",
    class: "rl-field",
    placeholder: "esp+8",
    title: HINT,
    spellcheck: "false",
  })
  private readonly wrong = h("span", { class: "rl-wrong", role: "status" })
  private readonly list = h("span", { class: "rl-pin-list" })
  private shown: readonly string[] | null = null
}
