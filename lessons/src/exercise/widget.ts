/** An exercise on the page: question, answer, Check, what was right or wrong, and another one if wanted. */
import type { Message } from "@lumino/messaging"
import { Widget } from "@lumino/widgets"
import type { ExerciseOutput, Feedback, Question } from "ringlab"
import type { IProgress } from "../course/progress"
import { button, h, keepKeys, paragraphs } from "../dom"
import type { Player } from "../player/player"
import { buildForm, type Form } from "./form"

export class ExerciseWidget extends Widget {
  constructor(
    private readonly player: Player,
    private readonly progress: IProgress,
    private readonly output: ExerciseOutput,
  ) {
    super()
    this.seed = output.seed
    this.addClass("rl-output")
    this.addClass("rl-exercise")
    this.node.setAttribute("role", "group")
    this.answer.addEventListener("keydown", (event) => this.pressed(event))
    keepKeys(this.node)
    this.node.append(this.heading, this.question, this.answer, this.buildButtons(), this.feedback)
    this.answer.addEventListener("submit", (event) => {
      event.preventDefault()
      void this.check()
    })
    this.answer.addEventListener("input", () => this.entered())
  }

  protected override onAfterAttach(_: Message): void {
    if (!this.form) void this.begin()
  }

  /** With the question and the answer that were left here. A question may have to be computed, by hundreds of runs. */
  private async begin(): Promise<void> {
    this.question.replaceChildren(
      h("p", { class: "rl-quiet", role: "status" }, "Getting the exercise ready …"),
    )
    await this.progress.ready
    const draft = this.progress.draft(this.place)
    if (draft) this.seed = draft.seed
    await this.ask()
    if (!this.form) this.question.replaceChildren() // it did not come, and why is told below
    if (draft?.seed === this.seed) this.form?.write(draft.answer)
  }

  /** Enter checks the answer; in a text it begins a new line, unless Ctrl is held. */
  private pressed(event: KeyboardEvent): void {
    const newLine = event.target instanceof HTMLTextAreaElement && !event.ctrlKey && !event.metaKey
    if (event.key !== "Enter" || newLine) return
    event.preventDefault()
    event.stopPropagation()
    void this.check()
  }

  private entered(): void {
    this.keep()
    if (this.feedback.classList.contains("rl-hint")) this.clearFeedback()
    else this.outdate()
  }

  private keep(): void {
    this.progress.keepDraft(this.place, { seed: this.seed, answer: this.form?.read() ?? "" })
  }

  /** What is told of an answer stays to be read, but is no verdict on the next one. */
  private outdate(): void {
    const verdict = this.feedback.querySelector("strong")
    if (!verdict || this.feedback.classList.contains("rl-outdated")) return
    this.feedback.className = "rl-feedback rl-outdated"
    verdict.textContent += " (the answer before)"
  }

  /** What names this exercise in the memory of answers. */
  private get place(): string {
    return `${this.output.exercise} ${this.output.seed}`
  }

  private buildButtons(): HTMLElement {
    const buttons = [
      button("Check", "Check the answer", () => void this.check(), "rl-primary"),
      button("Another one", "The same exercise with other numbers", () => this.another()),
    ]
    return h("div", { class: "rl-toolbar" }, ...buttons)
  }

  /** Any other seed will do, so that students may get different questions. */
  private another(): void {
    this.seed = crypto.getRandomValues(new Uint32Array(1))[0] >>> 1
    void this.ask().then(() => this.keep())
  }

  private async ask(): Promise<void> {
    const { seed } = this
    try {
      const request = { do: "ask", exercise: this.output.exercise, seed } as const
      const { question, title } = await this.player.ask(request, "question")
      if (seed === this.seed) this.showQuestion(question, title)
    } catch (error) {
      this.say("rl-wrong", "!", (error as Error).message)
    }
  }

  private showQuestion(question: Question, title: string): void {
    this.node.setAttribute("aria-label", `Exercise: ${title}`)
    this.heading.textContent = `Exercise: ${title}`
    const listing = question.listing
      ? [h("pre", { class: "rl-listing", tabindex: 0, "aria-label": "Program" }, question.listing)]
      : []
    this.question.replaceChildren(...paragraphs(question.text), ...listing)
    this.form = buildForm(question.form)
    this.answer.replaceChildren(this.form.node)
    this.clearFeedback()
  }

  private async check(): Promise<void> {
    const { form, seed } = this
    if (!form) return this.begin() // the question did not come: try again
    const answer = form.read()
    if (answer === "") return this.say("rl-hint", "?", "Give an answer first, then press Check.")
    this.clearFeedback()
    try {
      const { exercise } = this.output
      const { feedback } = await this.player.ask({ do: "check", exercise, seed, answer }, "feedback")
      if (seed === this.seed) this.tell(feedback)
    } catch (error) {
      this.say("rl-wrong", "!", (error as Error).message)
    }
  }

  private tell(feedback: Feedback): void {
    this.progress.record(this.output.exercise, feedback.right)
    if (feedback.right) this.say("rl-right", "✓ Right.", feedback.text)
    else this.say("rl-wrong", "✗ Not yet.", feedback.text)
  }

  private clearFeedback(): void {
    this.feedback.className = "rl-feedback"
    this.feedback.replaceChildren()
  }

  /** A mark and a word first, so that it is not told by colour alone. */
  private say(className: string, mark: string, text: string): void {
    this.feedback.className = `rl-feedback ${className}`
    this.feedback.replaceChildren(h("strong", {}, `${mark} `), ...paragraphs(text))
  }

  private readonly heading = h("div", { class: "rl-heading" }, "Exercise")
  private readonly question = h("div", { class: "rl-question" })
  private readonly answer = h("form")
  private readonly feedback = h("div", { class: "rl-feedback", "aria-live": "polite" })
  private form: Form | null = null
  private seed: number
}
