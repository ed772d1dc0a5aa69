/** One plotly chart in the colours of the present theme. */
import { h } from "../dom"
import { drawable, type Figure } from "./figure"
import { loadPlotly, type Plotly } from "./load"

/** Lines and bars have the colours of the rings, which are told apart in both themes; further ones have two more. */
const RINGS = ["--ringlab-ring3", "--ringlab-ring0", "--ringlab-ring2", "--ringlab-ring1"]
const MORE_COLOURS = ["#0e9384", "#98a2b3"]

/** Of a chart that does not say its own, in pixels. */
const HEIGHT = 320

const CONFIG = { displayModeBar: false, responsive: false }

export class ChartView {
  readonly node = h("div", { class: "rl-chart", role: "img" })

  constructor() {
    this.sizes.observe(this.node)
    this.themes.observe(document.body, { attributeFilter: ["data-jp-theme-name"] })
  }

  /**
   * Draw what may be drawn of a figure, or draw it anew. `says` tells it in words to those who do not see it.
   * @throws Malformed if it is too large, or of a kind that is not drawn
   */
  async show(figure: unknown, says: string): Promise<void> {
    this.figure = drawable(figure)
    this.node.setAttribute("aria-label", says)
    this.plotly ??= await loadPlotly()
    await this.draw()
  }

  dispose(): void {
    this.sizes.disconnect()
    this.themes.disconnect()
    this.plotly?.purge(this.node)
    this.figure = null
  }

  private async draw(): Promise<void> {
    if (!this.figure || !this.plotly || !this.node.isConnected) return
    const { data, layout } = structuredClone(this.figure)
    const wanted = themed(layout, this.node)
    // Its size depends on nothing inside, so the many measurements of a drawing do not lay out the whole page anew.
    this.node.style.height = `${Number(wanted.height) || HEIGHT}px`
    this.drawn = true
    await this.plotly.react(this.node, data, wanted, CONFIG)
  }

  /** The first size comes when the chart is attached to the page; then it can be drawn. */
  private resized(): void {
    if (this.node.clientWidth === 0) return
    if (this.drawn) this.plotly?.Plots.resize(this.node)
    else void this.draw()
  }

  private readonly sizes = new ResizeObserver(() => this.resized())
  private readonly themes = new MutationObserver(() => void this.draw())
  private figure: Figure | null = null
  private drawn = false
  private plotly: Plotly | null = null
}

/** Give a layout the theme's colours and font, where it does not say otherwise. */
function themed(layout: Readonly<Record<string, unknown>>, node: HTMLElement): Record<string, unknown> {
  const style = getComputedStyle(node)
  const colour = style.getPropertyValue("--jp-ui-font-color1").trim() || "#1f2937"
  const grid = style.getPropertyValue("--jp-border-color2").trim() || "#d5dae1"
  const axes = Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))
  const axis = { gridcolor: grid, linecolor: grid, zerolinecolor: grid, automargin: true }
  const themedAxes = [...new Set(["xaxis", "yaxis", ...axes])].map((key) => [
    key,
    { ...axis, ...part(layout[key]) },
  ])
  return {
    height: HEIGHT,
    margin: { l: 56, r: 16, t: layout.title ? 40 : 16, b: 48 },
    autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    colorway: [...RINGS.map((name) => style.getPropertyValue(name).trim()), ...MORE_COLOURS],
    ...layout,
    font: { color: colour, family: style.fontFamily, size: 13, ...part(layout.font) },
    ...Object.fromEntries(themedAxes),
  }
}

function part(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {}
}
