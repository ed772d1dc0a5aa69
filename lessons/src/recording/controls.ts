/** The controls of a recording, in one row: stepping, the step's number, jumping to what happened, and how it is shown. */
import { button, h, setText, uniqueId } from "../dom"
import { JumpBar } from "./jumpbar"
import { ESCAPE, KEYS } from "./keys"
import type { RecordingModel } from "./model"
import type { Speed } from "./speed"

const SPEEDS = [1, 2, 5, 10, 25]

/** What the controls cannot do by themselves. */
export interface Deeds {
  /** Step on by itself, or pause. */
  run(): void
  /** Show or hide the row for pins. */
  pin(): void
  /** Show the picture in another place, or back in its cell: buttons for that are there if it can. */
  readonly places?: { beside(): void; large(): void }
  /** Show the first step after which two recordings differ: a button for that is there if it is known. */
  firstDifference?(): void
}

export class Controls {
  readonly node: HTMLElement
  /** The keys, told when asked for. */
  readonly help: HTMLElement

  constructor(
    private readonly model: RecordingModel,
    private readonly speed: Speed,
    private readonly deeds: Deeds,
  ) {
    this.jumps = new JumpBar(model)
    this.runButton = button("▶▶ Run", "Step on by itself, or pause (Space)", deeds.run, "rl-run")
    this.help = this.buildHelp()
    this.node = this.build()
    this.number.addEventListener("change", () => model.goTo(this.number.valueAsNumber))
  }

  /** Show the model's step. */
  show(): void {
    const { step, timeline, playing } = this.model
    const digits = String(timeline.steps).length
    this.number.max = String(timeline.steps)
    this.number.style.width = `${digits + 5}ch`
    if (document.activeElement !== this.number || this.number.valueAsNumber !== step)
      this.number.value = String(step)
    setText(this.total, ` of ${timeline.steps.toLocaleString("en")}`)
    setText(this.runButton, playing ? "▮▮ Pause" : "▶▶ Run")
    this.jumps.show()
  }

  toggleHelp(): void {
    this.help.hidden = !this.help.hidden
    this.helpButton.setAttribute("aria-expanded", String(!this.help.hidden))
  }

  /** @returns false if there was none to close */
  closeHelp(): boolean {
    if (this.help.hidden) return false
    this.toggleHelp()
    return true
  }

  /** The replay failed: there is nowhere to go. */
  disable(): void {
    for (const control of this.node.querySelectorAll<HTMLButtonElement | HTMLInputElement>(
      "button, input, select",
    ))
      if (control !== this.helpButton) control.disabled = true
  }

  private build(): HTMLElement {
    const { model } = this
    const go = (label: string, name: string, title: string, step: () => number) => {
      const made = button(label, title, () => model.goTo(step()), "rl-icon")
      made.setAttribute("aria-label", name)
      return made
    }
    return h(
      "div",
      { class: "rl-toolbar rl-controls-row", role: "group", "aria-label": "Stepping" },
      group(
        go("|◀", "Start", "Before the first step (Home)", () => 0),
        go("◀", "Step back", "One step back (←)", () => model.step - 1),
        go("▶", "Step", "One step (→)", () => model.step + 1),
        this.runButton,
        go("▶|", "End", "The last step (End)", () => model.timeline.steps),
      ),
      h("label", {}, "Step ", this.number, this.total),
      this.jumps.node,
      ...this.buildFirst(),
      group(
        button("Pin", "Watch a register or memory", () => this.deeds.pin()),
        ...this.buildPlaces(),
        this.helpButton,
      ),
    )
  }

  private buildFirst(): HTMLElement[] {
    const { firstDifference } = this.deeds
    if (!firstDifference) return []
    return [button("≠ First difference", "The first step after which the two differ", firstDifference)]
  }

  private buildPlaces(): HTMLElement[] {
    const { places } = this.deeds
    if (!places) return []
    return [
      button("Beside", "Show it beside the notebook, or in the cell again", places.beside, "rl-beside"),
      button("Large", "Show it over the whole window, or in the cell again", places.large, "rl-large-button"),
    ]
  }

  private buildSpeeds(): HTMLSelectElement {
    const select = h("select", { class: "rl-field", "aria-label": "Speed of a run" })
    for (const speed of SPEEDS)
      select.append(h("option", { value: speed, selected: speed === this.speed.value }, `${speed} steps/s`))
    select.addEventListener("change", () => {
      this.speed.value = Number(select.value)
    })
    return select
  }

  private buildHelp(): HTMLElement {
    const rows = [...KEYS, ESCAPE].map(({ keys, does }) =>
      h("li", {}, ...keys.flatMap((key) => [h("kbd", {}, keyName(key)), " "]), does),
    )
    const intro =
      "Keys, while the focus is in this recording, but not in a field or a list, which have keys of their own. Click or drag in the lanes to go to a step; a step stands in the lane of the ring that it ends in. Click a line of code to go to the next step that runs it; with Shift to the last one."
    return h(
      "div",
      { class: "rl-help", id: this.helpId, hidden: true },
      h("p", {}, intro),
      h("ul", {}, ...rows),
      h("label", {}, "Speed of a run ", this.buildSpeeds()),
    )
  }

  private readonly number = h("input", { type: "number", min: 0, step: 1, class: "rl-field rl-step-number" })
  private readonly total = h("span")
  private readonly helpId = uniqueId()
  private readonly helpButton = button("?", "Keys and speed", () => this.toggleHelp(), "rl-icon")
  private readonly runButton: HTMLButtonElement
  private readonly jumps: JumpBar
}

const group = (...children: HTMLElement[]) => h("span", { class: "rl-group" }, ...children)

const KEY_NAMES: Readonly<Record<string, string>> = {
  ArrowRight: "→",
  ArrowLeft: "←",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  " ": "Space",
}

function keyName(key: string): string {
  if (/^[A-Z]$/.test(key)) return `Shift ${key}`
  return KEY_NAMES[key] ?? key
}
