/** Labelled controls for parameters: a slider with its number and unit, a list of choices, or a check box. */
import type { ChoiceParameter, Parameter, RangeParameter, ToggleParameter, Values } from "ringlab"
import { h, uniqueId } from "../dom"

/** Controls whose values can be read; `changed` hears every move. */
export class Controls {
  readonly node = h("div", { class: "rl-controls" })

  constructor(
    parameters: Readonly<Record<string, Parameter>>,
    values: Values,
    private readonly changed: () => void,
  ) {
    for (const [name, parameter] of Object.entries(parameters)) {
      this.node.append(this.control(name, parameter, values[name] ?? parameter.value))
    }
  }

  /** Controls that cannot do anything are shown, with their values, but take no input. */
  set enabled(on: boolean) {
    for (const field of this.node.querySelectorAll<HTMLInputElement>("input, select")) field.disabled = !on
  }

  /** The present values by name. */
  get values(): Values {
    return Object.fromEntries([...this.readers].map(([name, read]) => [name, read()]))
  }

  private control(name: string, parameter: Parameter, given: Values[string]): HTMLElement {
    switch (parameter.kind) {
      case "range":
        return this.range(name, parameter, given)
      case "choice":
        return this.choice(name, parameter, given)
      case "toggle":
        return this.toggle(name, parameter, given)
    }
  }

  private range(name: string, parameter: RangeParameter, given: Values[string]): HTMLElement {
    const { min, max, step, unit } = parameter
    const [id, unitId] = [uniqueId(), uniqueId()]
    const limits = { min, max, step }
    const slider = h("input", {
      type: "range",
      class: "rl-slider",
      id,
      "aria-describedby": unitId,
      ...limits,
      value: within(Number(given), parameter),
    })
    const number = h("input", {
      type: "number",
      class: "rl-field",
      "aria-label": `${parameter.label}, as a number`,
      ...limits,
    })
    this.twin(slider, number, parameter)
    this.readers.set(name, () => within(slider.valueAsNumber, parameter))
    return row(id, parameter, slider, number, h("span", { id: unitId }, unit))
  }

  /** Two fields for one number. A slider stands at its steps only, so the number that it shows is the one that counts. */
  private twin(slider: HTMLInputElement, number: HTMLInputElement, parameter: RangeParameter): void {
    number.value = slider.value
    slider.addEventListener("input", () => {
      number.value = slider.value
      this.changed()
    })
    number.addEventListener("change", () => {
      slider.value = String(within(number.valueAsNumber, parameter))
      number.value = slider.value
      this.changed()
    })
  }

  private choice(name: string, parameter: ChoiceParameter, given: Values[string]): HTMLElement {
    const id = uniqueId()
    const options = parameter.options.map((option) =>
      h("option", { value: option, selected: option === given }, option),
    )
    const select = h("select", { class: "rl-field", id }, ...options)
    select.addEventListener("change", () => this.changed())
    this.readers.set(name, () => select.value)
    return row(id, parameter, select)
  }

  private toggle(name: string, parameter: ToggleParameter, given: Values[string]): HTMLElement {
    const id = uniqueId()
    const box = h("input", { type: "checkbox", class: "rl-toggle", id, checked: given === true })
    box.addEventListener("change", () => this.changed())
    this.readers.set(name, () => box.checked)
    return row(id, parameter, box)
  }

  private readonly readers = new Map<string, () => Values[string]>()
}

/** A parameter's name, and beside it what sets it; the name belongs to the field with this id. */
function row(id: string, { label }: Parameter, ...fields: readonly HTMLElement[]): HTMLElement {
  const setting = h("div", { class: "rl-setting" }, ...fields)
  return h("div", { class: "rl-control" }, h("label", { for: id }, label), setting)
}

/** A number moved into a parameter's range; its first value if it is no number. */
function within(value: number, { min, max, value: first }: RangeParameter): number {
  return Number.isFinite(value) ? Math.max(min, Math.min(max, value)) : first
}
