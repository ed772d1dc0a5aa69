/** Where the run behind an answer is shown, below what is said of it. */
import type { Panel, Widget } from "@lumino/widgets"
import type { DecidingRun } from "ringlab"
import { button, h } from "../dom"
import type { Player } from "../player/player"

/** Makes what shows a run. */
export type ShowRun = (run: DecidingRun) => Widget

const SHOW = "Show me this run"
const HIDE = "Hide the run"

export class RunStage {
  /**
   * @param below the run is shown at its end
   * @param verdict stays in view, above the run
   */
  constructor(
    private readonly player: Player,
    private readonly showRun: ShowRun,
    private readonly below: Panel,
    private readonly verdict: HTMLElement,
  ) {
    this.button.setAttribute("aria-expanded", "false")
  }

  readonly button = button(
    SHOW,
    "The run that decides about this answer, at the step that does",
    () => void this.toggle(),
  )
  readonly notice = h("p", { class: "rl-notice", role: "status" })

  /** Offer the run of an answer, or of none. */
  offer(
    run: { readonly exercise: string; readonly seed: number; readonly answer: string } | undefined,
  ): void {
    this.hide()
    this.run = run
    this.button.hidden = run === undefined
  }

  private async toggle(): Promise<void> {
    if (this.shown) return this.hide()
    const { run } = this
    if (!run) return
    this.notice.textContent = "Making the run …"
    try {
      const decided = await this.player.ask({ do: "decide", ...run }, "decided")
      if (run === this.run && !this.shown) this.show(this.showRun(decided.run))
    } catch (error) {
      if (run === this.run) this.notice.textContent = (error as Error).message
    }
  }

  private show(shown: Widget): void {
    this.shown = shown
    this.notice.textContent = ""
    this.below.addWidget(shown)
    this.button.textContent = HIDE
    this.button.setAttribute("aria-expanded", "true")
    this.verdict.scrollIntoView({ block: "start" })
  }

  private hide(): void {
    this.shown?.dispose()
    this.shown = undefined
    this.notice.textContent = ""
    this.button.textContent = SHOW
    this.button.setAttribute("aria-expanded", "false")
  }

  private shown: Widget | undefined
  private run: { readonly exercise: string; readonly seed: number; readonly answer: string } | undefined
}
