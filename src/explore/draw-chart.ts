/**
 * The static picture of a chart, for places where plotly.js does not run: lines, points and bars with axes and a legend.
 * Other kinds of chart have none.
 */
import type { Chart } from "../experiments/experiment"
import { DRAW_STYLE } from "../views/draw/style"
import { at, box, clip, escapeText, line, SANS, text } from "../views/draw/svg"
import { nameScale, numberScale, powerScale, type Scale } from "./chart-scale"

/** One trace of a figure, read. */
interface Trace {
  readonly name: string
  readonly kind: "bar" | "scatter"
  readonly lines: boolean
  readonly points: boolean
  readonly x: readonly unknown[]
  readonly y: readonly number[]
}

const SIZE = { width: 700, height: 380 }
const EDGES = { left: 70, right: 16, top: 16, bottom: 44 }
const TITLE_HEIGHT = 28
const LEGEND_HEIGHT = 22

/** As the extension colours them: each readable on white, and on dark where JupyterLab's variables are known. */
const COLOURS = [
  ["ring3", "#175cd3"],
  ["ring0", "#b42318"],
  ["ring2", "#6941c6"],
  ["ring1", "#8f5106"],
].map(([name, value]) => `color:${value};color:var(--ringlab-${name},${value})`)

const colourOf = (n: number) => COLOURS[n % COLOURS.length]

/** The chart as SVG, or undefined if it is of a kind that this picture cannot show. */
export function drawChart({ data, layout }: Chart): string | undefined {
  const traces = data.map(readTrace)
  if (traces.length === 0 || !traces.every((trace): trace is Trace => trace !== undefined)) return undefined
  const title = titleOf(layout)
  const top = EDGES.top + (title ? TITLE_HEIGHT : 0) + (traces.length > 1 ? LEGEND_HEIGHT : 0)
  const scales = scalesOf(traces, layout, top)
  const parts = [
    title ? text(EDGES.left, 28, title, "rl-title") : "",
    traces.length > 1 ? at(EDGES.left, top - 10, legend(traces)) : "",
    axes(scales, layout, top),
    layout.barmode === "stack" ? stackedBars(traces, scales) : groupedBars(traces, scales),
    ...traces.map((trace, n) => scatter(trace, n, scales)),
  ]
  return frame(title || "Chart", parts.join(""))
}

function frame(label: string, content: string): string {
  const { width, height } = SIZE
  const head = `xmlns="http://www.w3.org/2000/svg" class="rl" role="img" aria-label="${escapeText(label)}"`
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  const drawing = box(0, 0, width, height, "rl-paper") + content
  return `<svg ${head} ${size}><style>${styleFor(drawing)}</style>${drawing}</svg>`
}

/** Only the rules that are used: a chart is small, and all of them are not. */
function styleFor(drawing: string): string {
  const isUsed = (rule: string) => drawing.includes(`"${rule.match(/^\.rl \.([\w-]+)\{/)?.[1]}"`)
  return DRAW_STYLE.split("\n").filter(isUsed).join("\n")
}

function readTrace(trace: Readonly<Record<string, unknown>>, n: number): Trace | undefined {
  const { type = "scatter", x, y, mode = "lines+markers", name = `trace ${n}`, orientation } = trace
  if ((type !== "bar" && type !== "scatter") || !Array.isArray(y) || orientation === "h") return undefined
  return {
    name: String(name),
    kind: type,
    lines: String(mode).includes("lines"),
    points: String(mode).includes("markers"),
    x: Array.isArray(x) ? x : y.map((_, i) => i),
    y: y.map(Number),
  }
}

/** A text that plotly takes as `"…"` or as `{ text: "…" }`. */
export function titleOf(part: unknown): string {
  const { title } = (part ?? {}) as { title?: unknown }
  const inner = typeof title === "object" && title !== null ? (title as { text?: unknown }).text : title
  return typeof inner === "string" ? inner : ""
}

interface Scales {
  readonly x: Scale
  readonly y: Scale
}

function scalesOf(traces: readonly Trace[], layout: Chart["layout"], top: number): Scales {
  const [left, right] = [EDGES.left, SIZE.width - EDGES.right]
  const bottom = SIZE.height - EDGES.bottom
  const xs = traces.flatMap(({ x }) => x)
  const numbers = xs.every((x) => typeof x === "number")
  const bars = traces.filter(({ kind }) => kind === "bar")
  const fromZero = bars.length > 0 ? [0] : []
  const stacked = layout.barmode === "stack" ? stackHeights(bars) : []
  const ys = [...fromZero, ...stacked, ...traces.flatMap(({ y }) => y)]
  return {
    x: numbers
      ? numeric(layout.xaxis)(padded(xs as number[], bars.length > 0), left, right, true)
      : nameScale([...new Set(xs.map(String))], left, right),
    y: numeric(layout.yaxis)(ys, bottom, top),
  }
}

function numeric(axis: unknown): typeof numberScale {
  return (axis as { type?: unknown } | undefined)?.type === "log" ? powerScale : numberScale
}

/** Bars at the ends need room beside them. */
function padded(xs: readonly number[], bars: boolean): readonly number[] {
  if (!bars) return xs
  const sorted = [...new Set(xs)].sort((a, b) => a - b)
  const half = sorted.length > 1 ? (sorted[1] - sorted[0]) / 2 : 0.5
  return [sorted[0] - half, ...xs, sorted[sorted.length - 1] + half]
}

function stackHeights(bars: readonly Trace[]): number[] {
  const heights = new Map<string, number>()
  for (const { x, y } of bars)
    for (const [i, value] of y.entries()) heights.set(String(x[i]), (heights.get(String(x[i])) ?? 0) + value)
  return [...heights.values()]
}

function axes({ x, y }: Scales, layout: Chart["layout"], top: number): string {
  const bottom = SIZE.height - EDGES.bottom
  const right = SIZE.width - EDGES.right
  const width = Math.floor(x.room / SANS)
  const across = y.ticks.map(
    (tick) =>
      line(EDGES.left, tick.at, right, tick.at, "rl-rule") +
      text(EDGES.left - 6, tick.at + 4, tick.text, "rl-small", "end"),
  )
  const below = thinned(x.ticks).map((tick) =>
    text(tick.at, bottom + 16, clip(tick.text, Math.max(4, width)), "rl-small", "middle"),
  )
  const middle = (EDGES.left + right) / 2
  const sideways = `<g transform="translate(14 ${(top + bottom) / 2}) rotate(-90)">${text(0, 0, titleOf(layout.yaxis), "rl-note", "middle")}</g>`
  return [
    ...across,
    ...below,
    text(middle, SIZE.height - 8, titleOf(layout.xaxis), "rl-note", "middle"),
    sideways,
  ].join("")
}

/** At most so many marks below the chart that their texts do not touch. */
function thinned<Mark>(marks: readonly Mark[]): readonly Mark[] {
  const every = Math.ceil(marks.length / 16)
  return marks.filter((_, n) => n % every === 0)
}

function legend(traces: readonly Trace[]): string {
  let x = 0
  return traces
    .map(({ name }, n) => {
      const place = x
      x += name.length * SANS + 36
      return at(
        place,
        0,
        inColour(n, `<rect y="-10" width="12" height="12" fill="currentColor"/>`) +
          text(18, 0, name, "rl-text"),
      )
    })
    .join("")
}

const inColour = (n: number, content: string) => `<g style="${colourOf(n)}">${content}</g>`

function bar(x: number, width: number, from: number, to: number): string {
  const [top, height] = [Math.min(from, to), Math.abs(to - from)].map((pixels) => pixels.toFixed(2))
  return `<rect x="${x.toFixed(2)}" y="${top}" width="${width.toFixed(2)}" height="${height}" fill="currentColor"/>`
}

function groupedBars(traces: readonly Trace[], { x, y }: Scales): string {
  const bars = traces.filter(({ kind }) => kind === "bar")
  const width = (x.room * 0.8) / Math.max(1, bars.length)
  const zero = y.place(0) ?? SIZE.height - EDGES.bottom
  const draw = (trace: Trace, n: number) =>
    pointsOf(trace, { x, y }).map(([px, py]) => bar(px - x.room * 0.4 + n * width, width * 0.94, zero, py))
  return bars.map((trace, n) => inColour(traces.indexOf(trace), draw(trace, n).join(""))).join("")
}

function stackedBars(traces: readonly Trace[], { x, y }: Scales): string {
  const tops = new Map<string, number>()
  const zero = SIZE.height - EDGES.bottom
  return traces
    .map((trace, n) => {
      if (trace.kind !== "bar") return ""
      const boxes = trace.y.map((value, i) => {
        const below = tops.get(String(trace.x[i])) ?? 0
        tops.set(String(trace.x[i]), below + value)
        const [px, from, to] = [x.place(trace.x[i]), y.place(below), y.place(below + value)]
        return px === undefined ? "" : bar(px - x.room * 0.4, x.room * 0.8, from ?? zero, to ?? zero)
      })
      return inColour(n, boxes.join(""))
    })
    .join("")
}

function scatter(trace: Trace, n: number, scales: Scales): string {
  if (trace.kind !== "scatter") return ""
  const points = pointsOf(trace, scales).map((point) => point.map((pixels) => pixels.toFixed(2)))
  const path = `<polyline points="${points.map((point) => point.join(",")).join(" ")}" fill="none" stroke="currentColor" stroke-width="2"/>`
  const dots = points.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3.5" fill="currentColor"/>`)
  return inColour(n, (trace.lines ? path : "") + (trace.points ? dots.join("") : ""))
}

function pointsOf({ x, y }: Trace, scales: Scales): [number, number][] {
  return y.flatMap((value, i) => {
    const [px, py] = [scales.x.place(x[i]), scales.y.place(value)]
    return px === undefined || py === undefined ? [] : [[px, py] as [number, number]]
  })
}
