/** A witness: the same instruction from two situations, as two recordings that step together, and what differs. */
import { Panel, Widget } from "@lumino/widgets"
import { differences, type RecordingOutput, type Witness } from "ringlab"
import { h, withCode } from "../dom"
import type { Player } from "../player/player"
import { RecordingModel } from "../recording/model"
import type { Speed } from "../recording/speed"
import { RecordingWidget } from "../recording/widget"

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
    const { form, sentence, differs } = this.witness
    this.notice.textContent = "Recording the two runs …"
    return h(
      "div",
      {},
      h("div", { class: "rl-heading" }, `${form}: two situations that differ in ${differs}`),
      h("p", { class: "rl-sentence" }, ...withCode(sentence)),
      this.notice,
      this.table,
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

  private showRuns(...outputs: readonly [RecordingOutput, RecordingOutput]): void {
    const [left, right] = outputs.map((output) => new RecordingModel(this.player, output))
    follow(left, right)
    follow(right, left)
    for (const model of [left, right]) model.changed.connect(() => this.compare(left, right))
    const pair = new Panel()
    pair.addClass("rl-pair")
    for (const model of [left, right]) pair.addWidget(new RecordingWidget(model, this.speed))
    this.addWidget(pair)
    this.notice.textContent = ""
    this.compare(left, right)
  }

  /** What differs at the step that both show. */
  private compare(left: RecordingModel, right: RecordingModel): void {
    if (left.frame.step !== right.frame.step) return
    const found = differences(left.frame, right.frame)
    const rows = found.map(({ name, left, right }) =>
      h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, left), h("td", {}, right)),
    )
    const caption = found.length === 0 ? "Nothing differs at this step." : "What differs at this step"
    const head = ["", ...this.sides()].map((text) => (text ? h("th", { scope: "col" }, text) : h("td")))
    this.table.replaceChildren(
      h(
        "table",
        {},
        h("caption", {}, caption),
        h("thead", {}, h("tr", {}, ...head)),
        h("tbody", {}, ...rows),
      ),
    )
  }

  /** What the two runs are called: by their rings, where these tell them apart. */
  private sides(): readonly [string, string] {
    const { left, right } = this.witness
    return left.ring === right.ring
      ? ["first run", "second run"]
      : [`ring ${left.ring}`, `ring ${right.ring}`]
  }

  private readonly notice = h("p", { class: "rl-notice", role: "status" })
  private readonly table = h("div", { class: "rl-table rl-differences" })
}

/** Where one goes, the other goes too. */
function follow(leader: RecordingModel, follower: RecordingModel): void {
  leader.changed.connect(() => {
    if (follower.step !== leader.step) follower.goTo(leader.step)
  })
}
