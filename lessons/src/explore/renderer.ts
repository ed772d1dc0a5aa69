/** Draws outputs with controls for a function: looks at the data first, then makes the widget, or says why it cannot. */
import type { IRenderMimeRegistry } from "@jupyterlab/rendermime"
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces"
import { Panel, Widget } from "@lumino/widgets"
import { EXPLORE_TYPE } from "ringlab"
import { h } from "../dom"
import type { NotebookSession } from "./line"
import { readExploration } from "./read"
import { ExploreWidget } from "./widget"

export class ExploreRenderer extends Panel implements IRenderMime.IRenderer {
  constructor(
    private readonly rendermime: IRenderMimeRegistry,
    private readonly session: NotebookSession | null,
  ) {
    super()
    this.addClass("rl-renderer")
  }

  /** Called once for an output, and again at each new result. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const reading = readExploration(model.data[EXPLORE_TYPE])
    if ("sentence" in reading) return this.sorry(reading.sentence)
    if (this.shown?.target !== reading.output.target) {
      this.clear()
      this.shown = new ExploreWidget(reading.output, this.rendermime, this.session)
      this.addWidget(this.shown)
    }
    await this.shown.draw(model)
  }

  private sorry(sentence: string): void {
    this.clear()
    this.addWidget(new Widget({ node: h("p", { class: "rl-output rl-sorry" }, sentence) }))
  }

  private clear(): void {
    this.shown = null
    for (const widget of [...this.widgets]) widget.dispose()
  }

  private shown: ExploreWidget | null = null
}
