/** A question's form, in the place of its quotation. A guess is kept when it is chosen, or at Enter. */
import type { Prediction } from "../course/kept"
import { button, h, keepKeys, setText } from "../dom"
import { type Fields, fieldsOf } from "./fields"
import { objection, type Question } from "./question"

/** What a reader does with a question. */
export interface Deeds {
  readonly keep: (guess: string) => void
  /** Take the guess back. */
  readonly again: () => void
  /** Go to the cell that the question asks about. */
  readonly goOn: () => void
}

const TASK = {
  choice: "Choose one, or just run the cell below.",
  number: "A number. Or just run the cell below.",
  line: "Or just run the cell below.",
}

export class Form {
  /** @returns undefined, and nothing is touched, if the quotation is not this question's */
  static at(quote: Element, question: Question, deeds: Deeds): Form | undefined {
    const fields = fieldsOf(quote, question)
    const form = fields && new Form(question, fields, deeds)
    if (form) quote.replaceWith(form.node)
    return form
  }

  readonly node: HTMLFormElement

  private constructor(
    private readonly question: Question,
    private readonly fields: Fields,
    private readonly deeds: Deeds,
  ) {
    this.body = h("fieldset", {}, h("legend", {}, ...fields.asked), ...fields.nodes)
    this.again = button(
      "Predict again",
      "Take this guess back and make another one",
      () => this.reopen(),
      "rl-small",
    )
    const foot = h("div", { class: "rl-predict-foot" }, this.status, this.again)
    this.node = h("form", { class: "rl-predict" }, this.body, foot)
    this.listen()
  }

  /** Show what is kept: nothing, a guess, or a guess whose cell has run. */
  show(prediction: Prediction | undefined): void {
    const isSettled = prediction?.settled ?? false
    if (prediction) this.fields.write(prediction.guess)
    this.body.disabled = isSettled
    this.again.hidden = !isSettled
    this.node.classList.toggle("rl-settled", isSettled)
    this.say(prediction)
  }

  private say(prediction: Prediction | undefined): void {
    const settled = "The cell has run: your guess is above what it gave."
    const kept = prediction?.settled ? settled : "✓ Kept. Now run the cell below."
    setText(this.status, prediction ? kept : TASK[this.question.kind])
  }

  private keep(): void {
    const guess = this.fields.read()
    const wrong = guess === "" ? "" : objection(this.question, guess)
    if (wrong !== "") setText(this.status, wrong)
    else if (guess === "") this.deeds.again()
    else this.deeds.keep(guess)
  }

  private reopen(): void {
    this.fields.write("")
    this.deeds.again()
    this.body.querySelector("input")?.focus()
  }

  private listen(): void {
    const { node } = this
    node.addEventListener("change", () => this.keep())
    node.addEventListener("submit", (event) => event.preventDefault()) // its button has taken the focus: a change was told
    node.addEventListener("dblclick", (event) => event.stopPropagation()) // JupyterLab would show the Markdown
    node.addEventListener("keydown", (event) => this.pressed(event))
    keepKeys(node)
  }

  /** Enter keeps; with Shift it goes on to the next cell, too, as everywhere. */
  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.target instanceof HTMLButtonElement) return
    event.preventDefault()
    this.keep()
    if (event.shiftKey) this.deeds.goOn()
  }

  private readonly body: HTMLFieldSetElement
  private readonly status = h("span", { role: "status" })
  private readonly again: HTMLButtonElement
}
