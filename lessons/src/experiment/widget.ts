/** An experiment on the page: controls on top, what comes out below; the worker computes it at each change. */
import type { Message } from "@lumino/messaging"
import { Widget } from "@lumino/widgets"
import type { Experiment, ExperimentOutput, Values } from "ringlab"
import { h, keepKeys } from "../dom"
import { Latest } from "../latest"
import type { Player } from "../player/player"
import { Controls } from "./controls"
import { ResultView } from "./result"

export class ExperimentWidget extends Widget {
  constructor(
    private readonly player: Player,
    private readonly output: ExperimentOutput,
  ) {
    super()
    this.addClass("rl-output")
    this.node.setAttribute("role", "group")
    keepKeys(this.node)
    this.node.append(this.head, this.result.node)
    this.result.say("Getting the experiment ready …")
  }

  override dispose(): void {
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
      this.result.say((error as Error).message)
    }
  }

  private build(experiment: Omit<Experiment, "run">): void {
    this.node.setAttribute("aria-label", `Experiment: ${experiment.title}`)
    const controls = new Controls(experiment.parameters, this.output.values, () =>
      this.work.push(controls.values),
    )
    this.head.append(
      h("div", { class: "rl-heading" }, experiment.title),
      h("p", { class: "rl-about" }, experiment.about),
      controls.node,
    )
    this.work.push(controls.values)
  }

  private readonly work = new Latest<Values>(async (values) => {
    try {
      const { experiment } = this.output
      const { result } = await this.player.ask({ do: "experiment", experiment, values }, "result")
      if (!this.isDisposed) await this.result.show(result)
    } catch (error) {
      this.result.say((error as Error).message)
    }
  })

  private readonly head = h("div")
  private readonly result = new ResultView()
  private described = false
}
