/** Draws plotly figures that cells return, `application/vnd.plotly.v1+json`. */
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces"
import { Widget } from "@lumino/widgets"
import { check, Malformed } from "ringlab"
import { h } from "../dom"
import { ChartView } from "./chart"

export const PLOTLY_TYPE = "application/vnd.plotly.v1+json"

const { list, object } = check
const checkFigure = object({ data: list(object({}), Number.POSITIVE_INFINITY), "layout?": object({}) })

export class PlotlyRenderer extends Widget implements IRenderMime.IRenderer {
  constructor() {
    super()
    this.addClass("rl-output")
  }

  /** Called once for an output, and again if it is updated. */
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const figure = model.data[PLOTLY_TYPE]
    try {
      if (!this.node.contains(this.chart.node)) this.node.replaceChildren(this.chart.node)
      checkFigure(figure, "figure")
      await this.chart.show(figure, titleOf(figure as { layout?: Layout }))
    } catch (error) {
      const why = error instanceof Malformed ? error.message : String(error)
      this.node.replaceChildren(h("p", { class: "rl-sorry" }, `This chart cannot be shown: ${why}.`))
    }
  }

  override dispose(): void {
    this.chart.dispose()
    super.dispose()
  }

  private readonly chart = new ChartView()
}

type Layout = Readonly<Record<string, unknown>>

function titleOf({ layout }: { layout?: Layout }): string {
  const title = layout?.title as { text?: unknown } | string | undefined
  const text = typeof title === "object" ? title?.text : title
  return typeof text === "string" ? text : "Chart"
}
