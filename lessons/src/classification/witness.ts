/** A witness: the same instruction from two situations, as two recordings in one picture that marks what differs. */
import { Panel, Widget } from "@lumino/widgets"
import { bitsInWords, type RecordingOutput, type Witness } from "ringlab"
import { h, withCode } from "../dom"
import type { Player } from "../player/player"
import { PairModel } from "../recording/pair-model"
import { pairWidget } from "../recording/pair-widget"
import type { Speed } from "../recording/speed"

export class WitnessWidget extends Panel {
  /** @param player replays the two recordings, which the witness' situations give */
  constructor(
    private readonly player: Player,
    private readonly speed: Speed,
    private readonly witness: Witness,
  ) {
    super()
    this.addClass("rl-output")
    this.addClass("rl-witness")
    this.node.setAttribute("role", "group")
    this.node.setAttribute("aria-label", `Witness for ${witness.form}`)
    this.addWidget(new Widget({ node: this.head() }))
    void this.record()
  }

  private head(): HTMLElement {
    const { form, sentence, differs, bits } = this.witness
    const apart = bits ? ` The processor's two states differ in ${bitsInWords(bits)}.` : ""
    this.notice.textContent = "Recording the two runs …"
    return h(
      "div",
      {},
      h("div", { class: "rl-heading" }, `${form}: two situations that differ in ${differs}`),
      h("p", { class: "rl-sentence" }, ...withCode(sentence), apart),
      this.notice,
    )
  }

  private async record(): Promise<void> {
    try {
      const { left, right } = await this.player.ask({ do: "witness", witness: this.witness }, "witnessed")
      if (!this.isDisposed) this.showRuns(left, right)
    } catch (error) {
      this.notice.textContent = (error as Error).message
    }
  }

  private showRuns(left: RecordingOutput, right: RecordingOutput): void {
    const { form, bits } = this.witness
    const title = bits ? `${form}: ${bitsInWords(bits)}` : `${form}, both runs`
    const pair = { kind: "pair", core: left.core, title, left, right } as const
    const model = new PairModel(this.player, { ...pair, names: this.names, together: [[0, 0, 0]] })
    this.addWidget(pairWidget(model, this.speed))
    this.notice.textContent = ""
  }

  /** What the two runs are called: by their rings, where these tell them apart. */
  private get names(): readonly [string, string] {
    const { left, right } = this.witness
    return left.ring === right.ring
      ? ["First run", "Second run"]
      : [`Ring ${left.ring}`, `Ring ${right.ring}`]
  }

  private readonly notice = h("p", { class: "rl-notice", role: "status" })
}
