/** An experiment on the page: controls on top, what comes out below; the worker computes it at each change. */
import type { Message } from "@lumino/messaging"
import { Widget } from "@lumino/widgets"
import type { Experiment, ExperimentOutput, Values } from "ringlab"
import { button, h, keepKeys } from "../dom"
import { Latest } from "../latest"
import { Cancelled, type Player } from "../player/player"
import { Controls } from "./controls"
import { ProgressBar } from "./progress"
import { ResultView } from "./result"

export class ExperimentWidget extends Widget {
  constructor(
    private readonly player: Player,
    private readonly output: ExperimentOutput,
  ) {
    super()
    this.addClass("rl-output")
    this.node.setAttribute("role", "group")
    keepKeys(this.node, () => this.cancel())
    this.node.append(
      this.head,
      this.progress.node,
      this.result.node,
      h("div", { class: "rl-toolbar" }, this.retry),
    )
    this.retry.hidden = true
    this.result.say("Getting the experiment ready …")
  }

  override dispose(): void {
    this.work.cancel()
    this.progress.end()
    this.result.dispose()
    super.dispose()
  }

  protected override onAfterAttach(_: Message): void {
    if (!this.described) void this.describe()
  }

  private async describe(): Promise<void> {
    this.described = true
    try {
      const { experiment } = await this.player.ask(
        { do: "describe", experiment: this.output.experiment },
        "described",
      )
      if (!this.isDisposed) this.build(experiment)
    } catch (error) {
      this.described = false
      this.fail((error as Error).message)
    }
  }

  private build(experiment: Omit<Experiment, "run">): void {
    this.node.setAttribute("aria-label", `Experiment: ${experiment.title}`)
    const controls = new Controls(experiment.parameters, this.output.values, () =>
      this.work.push(controls.values),
    )
    this.controls = controls
    this.head.append(
      h("div", { class: "rl-heading" }, experiment.title),
      h("p", { class: "rl-about" }, experiment.about),
      controls.node,
    )
    this.work.push(controls.values)
  }

  private readonly work = new Latest<Values>(async (values, signal) => {
    const { experiment } = this.output
    const { tell } = this.progress
    this.progress.begin()
    try {
      const request = { do: "experiment", experiment, values } as const
      const { result } = await this.player.ask(request, "result", tell, signal)
      this.retry.hidden = true
      if (!this.isDisposed) await this.result.show(result)
    } catch (error) {
      if (!(error instanceof Cancelled)) this.fail((error as Error).message)
    } finally {
      this.endProgress()
    }
  })

  /** The reader wants the result no more. @returns whether there was something to cancel */
  private cancel(): boolean {
    if (!this.progress.offersCancel) return false
    this.work.cancel()
    this.fail("Cancelled: nothing was computed with these values.")
    this.endProgress()
    return true
  }

  /** No result, and a way to try once more. */
  private fail(sentence: string): void {
    this.result.fail(sentence)
    this.retry.hidden = false
  }

  private again(): void {
    this.retry.hidden = true
    this.focusControls()
    if (this.controls) this.work.push(this.controls.values)
    else void this.describe()
  }

  /** The focus goes from the button that vanishes to the one that comes in its place, or to the controls. */
  private endProgress(): void {
    const hadFocus = this.progress.node.contains(document.activeElement)
    this.progress.end()
    if (hadFocus && this.retry.hidden) this.focusControls()
    else if (hadFocus) this.retry.focus({ preventScroll: true })
  }

  private focusControls(): void {
    this.head.querySelector<HTMLElement>("input, select")?.focus({ preventScroll: true })
  }

  private readonly head = h("div")
  private readonly result = new ResultView()
  private readonly progress = new ProgressBar(() => this.cancel())
  private readonly retry = button("Try again", "Compute it once more", () => this.again())
  private controls: Controls | undefined
  private described = false
}
