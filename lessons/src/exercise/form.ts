/** The form for an answer: choices, a number with its unit, or lines of text. */
import type { AnswerForm } from "ringlab"
import { h, uniqueId, withCode } from "../dom"

/** A form on the page; `read` gives what the student entered, or an empty text, and `write` puts it in again. */
export interface Form {
  readonly node: HTMLElement
  readonly read: () => string
  readonly write: (answer: string) => void
}

/** Build the form for an answer. */
export function buildForm(form: AnswerForm): Form {
  switch (form.kind) {
    case "choice":
      return choiceForm(form.options)
    case "number":
      return numberForm(form.unit)
    case "text":
      return textForm(form.rows)
  }
}

function choiceForm(options: readonly string[]): Form {
  const name = uniqueId()
  const radios = options.map((option) => h("input", { type: "radio", name, value: option }))
  const labels = radios.map((radio, i) =>
    h("label", { class: "rl-option" }, radio, h("span", {}, ...withCode(options[i]))),
  )
  const node = h("fieldset", { class: "rl-choice" }, h("legend", {}, "Choose one"), ...labels)
  return {
    node,
    read: () => radios.find((radio) => radio.checked)?.value ?? "",
    write: (answer) => {
      for (const radio of radios) radio.checked = radio.value === answer
    },
  }
}

function numberForm(unit: string): Form {
  const field = h("input", { type: "text", class: "rl-field", autocomplete: "off", spellcheck: "false" })
  const hint = "decimal, or hexadecimal as 0x2A or 2Ah"
  const node = h(
    "label",
    { class: "rl-answer" },
    "Your answer ",
    field,
    ` ${unit} `,
    h("span", { class: "rl-quiet" }, hint),
  )
  return { node, read: () => field.value.trim(), write: (answer) => (field.value = answer) }
}

function textForm(rows: number): Form {
  const field = h("textarea", { class: "rl-field rl-text", rows, spellcheck: "false" })
  const node = h("label", { class: "rl-answer" }, "Your answer", field)
  return { node, read: () => field.value, write: (answer) => (field.value = answer) }
}
