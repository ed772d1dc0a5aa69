/** How much of a figure there is to draw, and what of it is left to plotly.js since it would be too much. */
import { LIMITS, Malformed } from "ringlab"
import type { Figure, Trace } from "./figure"

const { chart: MOST } = LIMITS
/** The layout's names of axes, and traces' names of them. */
export const AXIS = /^([xy])axis([2-9]|[1-9]\d{1,3})?$/
const AXIS_ID = /^[xy]([2-9]|[1-9]\d{1,3})?$/

/** An axis is made for each that a trace or the layout names. */
export function checkAxes(data: Figure["data"], layout: Figure["layout"]): void {
  const named = Object.keys(layout).flatMap((name) => AXIS.exec(name)?.slice(1).join("") ?? [])
  const used = data.flatMap(({ xaxis = "x", yaxis = "y" }) => [xaxis, yaxis] as string[])
  const wrong = used.find((id) => !AXIS_ID.test(id))
  if (wrong !== undefined) throw new Malformed("the figure", `one without an axis "${wrong}"`)
  if (new Set([...named, ...used]).size > MOST.axes)
    throw new Malformed("the figure", `one with at most ${MOST.axes} axes`)
}

/** @throws Malformed if there is too much to draw */
export function checkAmounts(data: Figure["data"]): void {
  checkSum(data, marksOf, MOST.marks, "points and bars")
  checkSum(data, textsOf, MOST.texts, "texts")
}

function checkSum(data: Figure["data"], of: (trace: Trace) => number, most: number, what: string): void {
  if (data.reduce((sum, trace) => sum + of(trace), 0) > most)
    throw new Malformed("the figure", `one with at most ${most.toLocaleString("en")} ${what}`)
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
export function withFewTicks(layout: Figure["layout"], data: Figure["data"]): Figure["layout"] {
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
export function withFewBins({ xbins, ybins, ...trace }: Trace): Trace {
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
