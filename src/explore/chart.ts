/** A chart as a cell's value: drawn by plotly.js where it runs, and a plain picture and text everywhere. */
import type { Chart } from "../experiments/experiment"
import { DISPLAY, INSPECT, type MimeBundle, type Shown } from "../views/show"
import { numberText } from "./chart-scale"
import { drawChart, titleOf } from "./draw-chart"

const PLOTLY_TYPE = "application/vnd.plotly.v1+json"
/** Values of a trace that its plain text tells. */
const MOST_TOLD = 12

/** A plotly figure that shows itself. */
export class ChartValue implements Shown {
  /** @param figure plain data, as plotly.js takes it */
  constructor(readonly figure: Chart) {}

  [DISPLAY](): MimeBundle {
    const svg = drawChart(this.figure)
    return {
      [PLOTLY_TYPE]: this.figure,
      ...(svg === undefined ? {} : { "image/svg+xml": svg }),
      "text/plain": this[INSPECT](),
    }
  }

  [INSPECT](): string {
    const { data, layout } = this.figure
    return [titleOf(layout) || "Chart", ...data.map(tellTrace)].join("\n")
  }
}

/** "near call: 11, 12, 14 …", as far as there is something to tell. */
function tellTrace({ name, type = "scatter", y }: Readonly<Record<string, unknown>>): string {
  const head = String(name ?? type)
  if (!Array.isArray(y)) return head
  const told = y
    .slice(0, MOST_TOLD)
    .map((value) => (typeof value === "number" ? numberText(value) : String(value)))
  return `${head}: ${told.join(", ")}${y.length > MOST_TOLD ? " …" : ""}`
}

/**
 * Show a plotly figure: `chart({ data: [{ type: "bar", x: ["near call", "trap"], y: [11, 400] }] })`.
 * Lines and bars have a static picture too, for places where plotly.js does not run.
 * @param figure `data` and `layout` as plotly.js takes them; typed arrays may stand for lists, and texts for titles
 * @see https://plotly.com/javascript/reference/
 */
export function chart(figure: {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly layout?: Readonly<Record<string, unknown>>
}): ChartValue {
  return new ChartValue({ data: figure.data.map(withLists), layout: withTitles(figure.layout ?? {}) })
}

/** JSON would make an object of a typed array. */
function withLists(trace: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const listed = Object.entries(trace).map(([key, value]) => [
    key,
    isTypedArray(value) ? Array.from(value) : value,
  ])
  return Object.fromEntries(listed)
}

/** plotly.js no longer reads `title: "…"`, but people write it. */
function withTitles(layout: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const titled = Object.entries(layout).map(([key, value]) => {
    if (key === "title" && typeof value === "string") return [key, { text: value }]
    return [key, /^[xy]axis\d*$/.test(key) ? withTitles(value as Readonly<Record<string, unknown>>) : value]
  })
  return Object.fromEntries(titled)
}

function isTypedArray(value: unknown): value is Uint32Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}
