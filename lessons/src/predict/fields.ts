/** The fields of a question's form: the nodes of the text are moved into them, with the code and the links that they have. */
import { h, uniqueId } from "../dom"
import type { Question } from "./question"

/** What a guess is given in. */
export interface Fields {
  /** The question, in words. */
  readonly asked: readonly Node[]
  readonly nodes: readonly Node[]
  readonly read: () => string
  readonly write: (guess: string) => void
}

/** Take a quotation apart; undefined, and nothing is touched, if it is not this question's. */
export function fieldsOf(quote: Element, question: Question): Fields | undefined {
  const paragraph = quote.querySelector(":scope > p")
  if (!paragraph) return undefined
  return question.kind === "choice"
    ? choiceFields(paragraph, [...quote.querySelectorAll(":scope > ul > li")], question.options)
    : blankFields(paragraph, question)
}

function choiceFields(paragraph: Element, items: readonly Element[], options: readonly string[]) {
  if (items.length !== options.length) return undefined
  const name = uniqueId()
  const radios = options.map((option) => h("input", { type: "radio", name, value: option }))
  const labels = radios.map((radio, n) => h("label", { class: "rl-option" }, radio, wordsOf(items[n])))
  return {
    asked: [...paragraph.childNodes],
    nodes: labels,
    read: () => radios.find(({ checked }) => checked)?.value ?? "",
    write: (guess: string) => {
      for (const radio of radios) radio.checked = radio.value === guess
    },
  }
}

/** A list's item without the box of a task, in one piece: what is flexible would set its code and words apart. */
function wordsOf(item: Element): Node {
  for (const box of item.querySelectorAll("input")) box.remove()
  const inner = item.querySelector(":scope > p") ?? item
  return h("span", {}, ...inner.childNodes)
}

function blankFields(paragraph: Element, { kind, unit }: Question & { readonly unit: string }) {
  const blank = kind === "number" ? cutNumber(paragraph) : cutLine(paragraph)
  if (!blank) return undefined
  const nodes = [...paragraph.childNodes]
  const at = nodes.indexOf(blank)
  const label = unit === "" ? "Your guess" : `Your guess, ${unit}`
  const field = h("input", {
    type: "text",
    class: `rl-field rl-guess-${kind}`,
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 200,
    "aria-label": label,
  })
  const keep = h("button", { type: "submit", class: "rl-button" }, "Keep")
  const row = h("div", { class: "rl-blank" }, field, h("span", {}, ...nodes.slice(at + 1)), keep)
  return {
    asked: nodes.slice(0, at),
    nodes: [row],
    read: () => field.value.trim(),
    write: (guess: string) => void (field.value = guess),
  }
}

/** The text node of a blank `[____]`, cut out of its paragraph's text. */
function cutNumber(paragraph: Element): ChildNode | undefined {
  for (const node of paragraph.childNodes) {
    const [blank] = (node instanceof Text && /\[_{2,}\]/.exec(node.data)) || []
    if (!(node instanceof Text) || blank === undefined) continue
    const found = node.splitText(node.data.indexOf(blank))
    found.splitText(blank.length)
    return found
  }
  return undefined
}

/** The code of a blank [`____`], without the brackets beside it. */
function cutLine(paragraph: Element): ChildNode | undefined {
  const code = [...paragraph.querySelectorAll(":scope > code")].find((each) =>
    /^_{2,}$/.test(each.textContent ?? ""),
  )
  const [before, after] = [code?.previousSibling, code?.nextSibling]
  if (!code || !(before instanceof Text) || !(after instanceof Text)) return undefined
  before.data = before.data.replace(/\[$/, "")
  after.data = after.data.replace(/^\]/, "")
  return code
}
