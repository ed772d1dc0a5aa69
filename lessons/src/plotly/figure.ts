/**
 * What of a figure is drawn, and how much of it. A figure is an output's, which anybody may have written: plotly.js would fetch
 * pictures from wherever it says, and draw for ever. So `trace.ts` and `layout.ts` list what may be said, `amounts.ts` measures how much, and
 * nothing else comes through.
 */
import { LIMITS, Malformed } from "ringlab"
import { AXIS, checkAmounts, checkAxes, withFewBins, withFewTicks } from "./amounts"
import { axis, LAYOUT } from "./layout"
import { Budget, list, object, type Rule } from "./rules"
import { TRACE, TYPES } from "./trace"

/** A figure as plotly.js takes it. */
export interface Figure {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly layout: Readonly<Record<string, unknown>>
}

/**
 * The figure as far as it may be drawn.
 * @throws Malformed if it has a kind of trace that is not drawn, or too much of something
 */
export function drawable(figure: unknown): Figure {
  const budget = new Budget()
  const { data = [], layout = {} } = object({ data: traces, layout: layoutRule })(
    figure,
    "figure",
    budget,
  ) as Partial<Figure>
  checkAxes(data, layout)
  checkAmounts(data)
  return { data, layout: withFewTicks(layout, data) }
}

/** One of its traces. */
export type Trace = Figure["data"][number]

const traceRule: Rule = (value, where, budget) => {
  const trace = { type: "scatter", ...(object(TRACE)(value, where, budget) as object) } as Trace
  if (!TYPES.includes(trace.type as string))
    throw new Malformed(`${where}.type`, `one of ${TYPES.join(", ")}: others are not drawn here`)
  return withFewBins(trace)
}
const traces = list(traceRule, LIMITS.chart.traces)

const layoutRule: Rule = (value, where, budget) => {
  const names = typeof value === "object" && value !== null ? Object.keys(value) : []
  const axes = names.filter((name) => AXIS.test(name)).map((name) => [name, axis] as const)
  return object({ ...LAYOUT, ...Object.fromEntries(axes) })(value, where, budget)
}
