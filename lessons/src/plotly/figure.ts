/**
 * What of a figure is drawn, and how much of it. A figure is an output's, which anybody may have written: plotly.js would fetch
 * pictures from wherever it says, and draw for ever. So this lists what may be said, by the names of plotly's reference, and
 * nothing else comes through.
 *
 * Left out on purpose: pictures, templates (which could say all that a layout says), frames, menus and sliders, bins and levels
 * of any number, minor ticks, maps, and the kinds of trace that are not in `TYPES`.
 */
import { LIMITS, Malformed } from "ringlab"
import {
  Budget,
  caption,
  colour,
  dash,
  data,
  each,
  either,
  family,
  format,
  list,
  number,
  object,
  path,
  type Rule,
  separators,
  template,
  truth,
  word,
} from "./rules"

/** A figure as plotly.js takes it. */
export interface Figure {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly layout: Readonly<Record<string, unknown>>
}

const { chart: MOST } = LIMITS
const any = number()
const share = number(-3, 3)
const pixels = number(0, MOST.pixels)
const size = number(0, 200)
const count = number(0, MOST.bins)
const some = either(truth, word)
const stop: Rule = (pair, where, budget) => {
  const kept = Array.isArray(pair)
    ? [number(0, 1)(pair[0], where, budget), colour(pair[1], where, budget)]
    : []
  return kept.includes(undefined) ? undefined : kept
}
const scale = either(word, list(stop))

const font = object({
  family,
  size: each(number(1, 100)),
  color: each(colour),
  weight: either(word, any),
  style: word,
})
const title = either(
  object({
    text: caption,
    font,
    x: share,
    y: share,
    xanchor: word,
    yanchor: word,
    xref: word,
    yref: word,
    side: word,
    standoff: pixels,
  }),
  caption,
)

const ticks = {
  title,
  tickmode: word,
  nticks: number(0, 100),
  tick0: either(any, word),
  dtick: number(0),
  tickvals: list(either(any, caption)),
  ticktext: list(caption),
  ticks: word,
  ticklen: size,
  tickwidth: size,
  tickcolor: colour,
  tickfont: font,
  tickangle: either(any, word),
  tickformat: format,
  tickprefix: caption,
  ticksuffix: caption,
  showticklabels: truth,
  showtickprefix: word,
  showticksuffix: word,
  exponentformat: word,
  showexponent: word,
  separatethousands: truth,
}
const bar = object({
  ...ticks,
  thickness: size,
  len: share,
  lenmode: word,
  x: share,
  y: share,
  xanchor: word,
  yanchor: word,
  xpad: size,
  ypad: size,
  orientation: word,
  outlinecolor: colour,
  outlinewidth: size,
  bordercolor: colour,
  borderwidth: size,
  bgcolor: colour,
})
/** Numbers that stand for colours. */
const coloured = {
  colorscale: scale,
  cmin: any,
  cmax: any,
  cmid: any,
  cauto: truth,
  autocolorscale: truth,
  reversescale: truth,
  showscale: truth,
  colorbar: bar,
  coloraxis: word,
}
const tint = each(either(colour, any))

const line = object({
  ...coloured,
  color: tint,
  width: each(number(0, 50)),
  dash,
  shape: word,
  smoothing: number(0, 1.3),
  simplify: truth,
})
const marker = object({
  ...coloured,
  color: tint,
  colors: list(colour, MOST.marks),
  size: each(size),
  sizeref: number(1e-9),
  sizemin: size,
  sizemode: word,
  symbol: each(either(word, number(0, 999))),
  opacity: each(share),
  angle: any,
  line,
  outliercolor: colour,
  pattern: object({
    shape: each(word),
    bgcolor: colour,
    fgcolor: colour,
    size: number(3, 100),
    solidity: number(0, 1),
  }),
})
const error = object({
  type: word,
  array: data,
  arrayminus: data,
  value: any,
  valueminus: any,
  symmetric: truth,
  visible: truth,
  color: colour,
  thickness: number(0, 50),
  width: size,
})
const hoverlabel = object({
  bgcolor: each(colour),
  bordercolor: each(colour),
  font,
  align: word,
  namelength: number(-1, 200),
})
const bins = object({ start: any, end: any, size: number(Number.MIN_VALUE) })

const TYPES = ["scatter", "bar", "box", "violin", "histogram", "heatmap", "contour", "pie"]
const TRACE: Readonly<Record<string, Rule>> = {
  type: word,
  name: caption,
  visible: some,
  showlegend: truth,
  legendgroup: caption,
  opacity: number(0, 1),
  x: data,
  y: data,
  z: data,
  x0: either(any, caption),
  dx: any,
  y0: either(any, caption),
  dy: any,
  xaxis: word,
  yaxis: word,
  orientation: word,
  mode: word,
  marker,
  line,
  fill: word,
  fillcolor: colour,
  stackgroup: caption,
  groupnorm: word,
  cliponaxis: truth,
  text: either(data, caption),
  textposition: each(word),
  textfont: font,
  textangle: any,
  texttemplate: template,
  hoverinfo: each(word),
  hovertext: either(data, caption),
  hovertemplate: template,
  hoverlabel,
  hoveron: word,
  customdata: data,
  error_x: error,
  error_y: error,
  // bars
  base: each(any),
  width: each(any),
  offset: each(any),
  offsetgroup: caption,
  alignmentgroup: caption,
  insidetextanchor: word,
  insidetextfont: font,
  outsidetextfont: font,
  constraintext: word,
  // histograms
  nbinsx: count,
  nbinsy: count,
  xbins: bins,
  ybins: bins,
  histnorm: word,
  histfunc: word,
  cumulative: object({ enabled: truth, direction: word, currentbin: word }),
  // boxes and violins
  boxpoints: some,
  boxmean: some,
  points: some,
  jitter: number(0, 1),
  pointpos: number(-2, 2),
  notched: truth,
  quartilemethod: word,
  whiskerwidth: number(0, 1),
  q1: data,
  median: data,
  q3: data,
  mean: data,
  lowerfence: data,
  upperfence: data,
  box: object({ visible: truth, width: number(0, 1), fillcolor: colour, line }),
  meanline: object({ visible: truth, color: colour, width: number(0, 50) }),
  side: word,
  scalegroup: caption,
  scalemode: word,
  // maps of numbers
  ...coloured,
  zmin: any,
  zmax: any,
  zmid: any,
  zauto: truth,
  zsmooth: some,
  xgap: size,
  ygap: size,
  transpose: truth,
  hoverongaps: truth,
  autocontour: truth,
  ncontours: number(1, 50),
  contours: object({ coloring: word, showlines: truth, showlabels: truth, labelfont: font }),
  // pies
  labels: data,
  values: data,
  hole: number(0, 0.99),
  sort: truth,
  direction: word,
  rotation: any,
  pull: each(share),
  textinfo: word,
  domain: object({ x: list(share, 2), y: list(share, 2), row: count, column: count }),
}

const axis = object({
  ...ticks,
  type: word,
  range: list(either(any, caption), 2),
  autorange: some,
  rangemode: word,
  fixedrange: truth,
  visible: truth,
  color: colour,
  domain: list(share, 2),
  anchor: word,
  overlaying: word,
  position: share,
  side: word,
  matches: word,
  scaleanchor: some,
  scaleratio: number(1e-6, 1e6),
  constrain: word,
  automargin: truth,
  showgrid: truth,
  gridcolor: colour,
  gridwidth: size,
  griddash: dash,
  showline: truth,
  linecolor: colour,
  linewidth: size,
  mirror: some,
  zeroline: truth,
  zerolinecolor: colour,
  zerolinewidth: size,
  categoryorder: word,
  categoryarray: list(caption, MOST.marks),
  hoverformat: format,
  showspikes: truth,
})
const ends = {
  x0: either(any, caption),
  x1: either(any, caption),
  y0: either(any, caption),
  y1: either(any, caption),
}
const place = { xref: word, yref: word, visible: truth, opacity: number(0, 1) }

const LAYOUT: Readonly<Record<string, Rule>> = {
  title,
  width: pixels,
  height: number(10, MOST.pixels),
  autosize: truth,
  margin: object({ l: pixels, r: pixels, t: pixels, b: pixels, pad: size, autoexpand: truth }),
  font,
  paper_bgcolor: colour,
  plot_bgcolor: colour,
  colorway: list(colour),
  separators,
  showlegend: truth,
  legend: object({
    title,
    font,
    x: share,
    y: share,
    xanchor: word,
    yanchor: word,
    orientation: word,
    traceorder: word,
    bgcolor: colour,
    bordercolor: colour,
    borderwidth: size,
    itemsizing: word,
    tracegroupgap: size,
  }),
  hovermode: some,
  hoverlabel,
  dragmode: some,
  barmode: word,
  barnorm: word,
  bargap: number(0, 1),
  bargroupgap: number(0, 1),
  boxmode: word,
  boxgap: number(0, 1),
  boxgroupgap: number(0, 1),
  violinmode: word,
  violingap: number(0, 1),
  coloraxis: object(coloured),
  grid: object({
    rows: number(1, MOST.grid),
    columns: number(1, MOST.grid),
    pattern: word,
    roworder: word,
    xgap: number(0, 1),
    ygap: number(0, 1),
  }),
  shapes: list(
    object({ ...ends, ...place, type: word, path, line, fillcolor: colour, layer: word, name: caption }),
    MOST.shapes,
  ),
  annotations: list(
    object({
      ...place,
      x: either(any, caption),
      y: either(any, caption),
      ax: any,
      ay: any,
      axref: word,
      ayref: word,
      xanchor: word,
      yanchor: word,
      xshift: any,
      yshift: any,
      text: caption,
      textangle: any,
      font,
      align: word,
      valign: word,
      width: pixels,
      height: pixels,
      showarrow: truth,
      arrowhead: number(0, 8),
      arrowsize: number(0.3, 50),
      arrowwidth: number(0.1, 50),
      arrowcolor: colour,
      standoff: size,
      bgcolor: colour,
      bordercolor: colour,
      borderwidth: size,
      borderpad: size,
    }),
    MOST.shapes,
  ),
}

const AXIS = /^([xy])axis([2-9]|[1-9]\d{1,3})?$/
const AXIS_ID = /^[xy]([2-9]|[1-9]\d{1,3})?$/

/**
 * The figure as far as it may be drawn.
 * @throws Malformed if it has a kind of trace that is not drawn, or too much of something
 */
export function drawable(figure: unknown): Figure {
  const budget = new Budget()
  const { data = [], layout = {} } = object({ data: traces, layout: layoutRule })(
    figure,
    "the figure",
    budget,
  ) as Partial<Figure>
  checkAxes(data, layout)
  checkSum(data, marksOf, MOST.marks, "points and bars")
  checkSum(data, textsOf, MOST.texts, "texts")
  return { data, layout: withFewTicks(layout, data) }
}

type Trace = Figure["data"][number]

const traceRule: Rule = (value, where, budget) => {
  const trace = { type: "scatter", ...(object(TRACE)(value, where, budget) as object) } as Trace
  if (!TYPES.includes(trace.type as string))
    throw new Malformed(`${where}.type`, `one of ${TYPES.join(", ")}: others are not drawn here`)
  return withFewBins(trace)
}
const traces = list(traceRule, MOST.traces)

const layoutRule: Rule = (value, where, budget) => {
  const names = typeof value === "object" && value !== null ? Object.keys(value) : []
  const axes = names.filter((name) => AXIS.test(name)).map((name) => [name, axis] as const)
  return object({ ...LAYOUT, ...Object.fromEntries(axes) })(value, where, budget)
}

/** An axis is made for each that a trace or the layout names. */
function checkAxes(data: Figure["data"], layout: Figure["layout"]): void {
  const named = Object.keys(layout).flatMap((name) => AXIS.exec(name)?.slice(1).join("") ?? [])
  const used = data.flatMap(({ xaxis = "x", yaxis = "y" }) => [xaxis, yaxis] as string[])
  const wrong = used.find((id) => !AXIS_ID.test(id))
  if (wrong !== undefined) throw new Malformed("the figure", `without an axis "${wrong}"`)
  if (new Set([...named, ...used]).size > MOST.axes)
    throw new Malformed("the figure", `with at most ${MOST.axes} axes`)
}

function checkSum(data: Figure["data"], of: (trace: Trace) => number, most: number, what: string): void {
  if (data.reduce((sum, trace) => sum + of(trace), 0) > most)
    throw new Malformed("the figure", `with at most ${most.toLocaleString("en")} ${what}`)
}

/** Elements of the page for each value, by kind of trace; a slice of a pie has several, and is measured. */
const ELEMENTS: Readonly<Record<string, number>> = { bar: 1, box: 0.25, violin: 0.25, contour: 1, pie: 10 }

function marksOf(trace: Trace): number {
  const { type, mode, error_x, error_y } = trace
  const values = valuesOf(trace)
  if (type !== "scatter") return values * (ELEMENTS[type as string] ?? 0)
  const marked = mode === undefined ? values < FEW : /markers/.test(String(mode))
  return marked || error_x !== undefined || error_y !== undefined ? values : 0
}

/** Fewer points than that are marked on a line that does not say how it is drawn. */
const FEW = 20

/** Texts that are drawn, each of which is measured; most texts are only seen where the mouse points. */
function textsOf(trace: Trace): number {
  const { type, mode, text, texttemplate } = trace
  const drawn = {
    scatter: /text/.test(String(mode)),
    bar: text !== undefined || texttemplate !== undefined,
    pie: true,
  }[type as string]
  return (drawn ?? texttemplate !== undefined) ? valuesOf(trace) : 0
}

/** How many values its longest list has, or its rows together. */
function valuesOf(trace: Trace): number {
  const lengths = [trace.x, trace.y, trace.z, trace.labels, trace.values].map((value) =>
    Array.isArray(value) ? value.reduce((sum, item) => sum + (Array.isArray(item) ? item.length : 1), 0) : 0,
  )
  return Math.max(...lengths)
}

/** A distance of ticks that would make very many, or nobody knows how many, is left to plotly. */
function withFewTicks(layout: Figure["layout"], data: Figure["data"]): Figure["layout"] {
  const tamed = Object.entries(layout).map(([name, value]) => {
    const letter = AXIS.exec(name)?.[1]
    if (letter === undefined) return [name, value]
    const { dtick, ...rest } = value as Axis
    return [name, ticksOn(value as Axis, letter, data) <= MOST.items ? value : rest]
  })
  return Object.fromEntries(tamed)
}

type Axis = Readonly<Record<string, unknown>>

function ticksOn(
  { dtick, type, range, rangemode, scaleanchor }: Axis,
  letter: string,
  data: Figure["data"],
): number {
  const logarithmic = type === "log"
  const values = data.flatMap((trace) => trace[letter]).filter((value) => typeof value === "number")
  const fromZero =
    !logarithmic &&
    (rangemode !== undefined || data.some(({ type, fill }) => type !== "scatter" || fill !== undefined))
  const shown = Array.isArray(range)
    ? range
    : (logarithmic ? values.map(Math.log10) : values).concat(fromZero ? [0] : [])
  const known = Array.isArray(range) || values.length > 0
  return known && scaleanchor === undefined ? binsIn(shown, { size: dtick }) : Number.NaN
}

/** Bins that are so narrow that there were very many are left to plotly. */
function withFewBins({ xbins, ybins, ...trace }: Trace): Trace {
  const kept = Object.entries({ xbins, ybins }).filter(
    ([name, bins]) => binsIn(trace[name[0]], bins) <= MOST.bins,
  )
  return { ...trace, ...Object.fromEntries(kept) }
}

function binsIn(values: unknown, bins: unknown): number {
  const { start, end, size = Number.NaN } = (bins ?? {}) as Readonly<Record<string, number>>
  const all = [values, start, end].flat().filter((value) => typeof value === "number")
  const [least, most] = [Math.min, Math.max].map((of) => all.reduce((one, other) => of(one, other), all[0]))
  return (most - least) / size
}
