/** An exercise on the page: question, answer, Check, what was right or wrong, and another one if wanted. */
import type { Message } from "@lumino/messaging"
import { Panel, Widget } from "@lumino/widgets"
import type { ExerciseOutput, Feedback, Question } from "ringlab"
import type { IProgress } from "../course/progress"
import { button, h, keepKeys, paragraphs } from "../dom"
import type { Player } from "../player/player"
import { buildForm, type Form } from "./form"
import { RunStage, type ShowRun } from "./stage"
import { Told } from "./told"
import { Tries } from "./tries"

/** What an exercise needs of what is around it. */
export interface ExerciseServices {
  readonly player: Player
  readonly progress: IProgress
  readonly showRun: ShowRun
  /** Not where answers are graded. */
  readonly offersSolutions: () => boolean
}

const NOT_OWN = "But you have seen the solution. Solve another one, and it counts."

export class ExerciseWidget extends Panel {
  constructor(
    private readonly services: ExerciseServices,
    private readonly output: ExerciseOutput,
  ) {
    super()
    this.seed = output.seed
    this.addClass("rl-output")
    this.addClass("rl-exercise")
    this.node.setAttribute("role", "group")
    this.stage = new RunStage(services.player, services.showRun, this, this.told.node)
    this.answer.addEventListener("keydown", (event) => this.pressed(event))
    keepKeys(this.node)
    this.addWidget(new Widget({ node: this.build() }))
    this.answer.addEventListener("submit", (event) => {
      event.preventDefault()
      void this.check()
    })
    this.answer.addEventListener("input", () => this.entered())
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message)
    if (!this.question) void this.begin()
  }

  private build(): HTMLElement {
    const buttons = [
      button("Check", "Check the answer", () => void this.check(), "rl-primary"),
      button("Another one", "The same exercise with other numbers", () => this.another()),
    ]
    const { solve, stage } = this
    return h(
      "div",
      {},
      this.heading,
      this.asked,
      this.answer,
      h("div", { class: "rl-toolbar" }, ...buttons),
      this.told.node,
      h("div", { class: "rl-toolbar rl-more" }, stage.button, solve, stage.notice),
    )
  }

  /** With the question and the answer that were left here. */
  private async begin(): Promise<void> {
    this.loading("Getting the exercise ready …")
    await this.services.progress.ready
    const draft = this.services.progress.draft(this.place)
    if (draft) this.seed = draft.seed
    await this.ask()
    if (!this.question) this.asked.replaceChildren() // it did not come, and why is told below
    if (draft?.seed !== this.seed) return
    this.form?.write(draft.answer)
    this.tries.begin(draft.misses)
    this.offer(undefined)
  }

  /** A question may have to be computed, by hundreds of runs. */
  private loading(what: string): void {
    this.asked.replaceChildren(h("p", { class: "rl-quiet", role: "status" }, what))
    this.answer.replaceChildren()
    this.form = null
    this.told.clear()
    this.offer(undefined)
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
    this.told.outdate()
  }

  private keep(): void {
    const { seed, tries } = this
    const misses = tries.misses > 0 ? { misses: tries.misses } : {}
    this.services.progress.keepDraft(this.place, { seed, answer: this.form?.read() ?? "", ...misses })
  }

  /** What names this exercise in the memory of answers. */
  private get place(): string {
    return `${this.output.exercise} ${this.output.seed}`
  }

  /** Any other seed will do, so that students may get different questions. */
  private another(): void {
    this.seed = crypto.getRandomValues(new Uint32Array(1))[0] >>> 1
    this.question = undefined
    this.loading("Getting another one ready …")
    void this.ask().then(() => this.keep())
  }

  private async ask(): Promise<void> {
    const { seed } = this
    try {
      const request = { do: "ask", exercise: this.output.exercise, seed } as const
      const { question, title } = await this.services.player.ask(request, "question")
      if (seed === this.seed) this.showQuestion(question, title)
    } catch (error) {
      if (seed === this.seed) this.sorry(error)
    }
  }

  private showQuestion(question: Question, title: string): void {
    this.node.setAttribute("aria-label", `Exercise: ${title}`)
    this.heading.textContent = `Exercise: ${title}`
    const listing = question.listing
      ? [h("pre", { class: "rl-listing", tabindex: 0, "aria-label": "Program" }, question.listing)]
      : []
    this.asked.replaceChildren(...paragraphs(question.text), ...listing)
    this.question = question
    this.form = buildForm(question.form)
    this.answer.replaceChildren(this.form.node)
    this.told.clear()
    this.tries.begin()
    this.offer(undefined)
  }

  private async check(): Promise<void> {
    const { form, seed } = this
    if (!form || !this.question) return this.begin() // the question did not come: try again
    const answer = form.read()
    if (answer.trim() === "") {
      this.told.say("hint", "?", ...paragraphs("Give an answer first, then press Check."))
      return
    }
    this.told.wait("Checking the answer …")
    try {
      const { exercise } = this.output
      const request = { do: "check", exercise, seed, answer } as const
      const { feedback } = await this.services.player.ask(request, "feedback")
      if (seed === this.seed) this.judged(feedback, answer)
    } catch (error) {
      if (seed === this.seed) this.sorry(error)
    }
  }

  /** The verdict first; the rule, the run and the offer of the solution for whoever has tried. */
  private judged(feedback: Feedback, answer: string): void {
    const { tries } = this
    tries.told(feedback, answer)
    const own = !feedback.right || !tries.solutionSeen
    this.told.verdict(own ? feedback : { ...feedback, text: NOT_OWN }, tries.areEnough)
    if (own) this.services.progress.record(this.output.exercise, feedback.right)
    this.keep()
    const earned = feedback.right || (tries.areEnough && feedback.counts !== false)
    this.offer(earned ? answer : undefined, feedback.right)
  }

  /** @param answer whose run may be shown */
  private offer(answer: string | undefined, solved = false): void {
    const { exercise } = this.output
    const offers = this.question?.offers ?? []
    const { seed } = this
    this.stage.offer(answer !== undefined && offers.includes("run") ? { exercise, seed, answer } : undefined)
    const mayAsk = offers.includes("solution") && this.services.offersSolutions()
    this.solve.hidden = solved || !this.tries.areEnough || !mayAsk
  }

  private async showSolution(): Promise<void> {
    const { seed } = this
    try {
      const request = { do: "solve", exercise: this.output.exercise, seed } as const
      const { solution } = await this.services.player.ask(request, "solution")
      if (seed !== this.seed) return
      this.tries.solutionSeen = true
      this.told.solution(solution)
      this.offer(solution.answer, true)
    } catch (error) {
      if (seed === this.seed) this.sorry(error)
    }
  }

  private sorry(error: unknown): void {
    this.told.say("wrong", "!", ...paragraphs((error as Error).message))
  }

  private readonly heading = h("div", { class: "rl-heading" }, "Exercise")
  private readonly asked = h("div", { class: "rl-question" })
  private readonly answer = h("form")
  private readonly told = new Told()
  private readonly solve = button(
    "Show the solution",
    "The right answer, and why it is right",
    () => void this.showSolution(),
  )
  private readonly stage: RunStage
  private readonly tries = new Tries(() => performance.now())
  private question: Question | undefined
  private form: Form | null = null
  private seed: number
}
