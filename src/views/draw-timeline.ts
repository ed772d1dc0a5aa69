/**
 * The run at a glance: a lane for each ring, a bar where the machine was in it, signs above for what happened.
 * A long run gets two bands: the whole of it, and a close-up around the current step.
 */
import { countMarks, kindOf, markLabel, SIGNS } from "./draw-marks"
import { at, box, count, line, SANS, text, texts } from "./draw-svg"
import { MARK_KINDS, type Mark, type MarkKind, type Timeline } from "./view"

/** Where the lanes begin and end, in pixels from the left and the right of the picture. */
export const LANES_LEFT = 150
export const LANES_RIGHT = 10

/** Steps in a close-up; a run of at most so many steps needs no overview. */
const CLOSE_UP = 60
const SIGN_ROW = 20
const SIGN_SPACE = 15

/** A band shows the steps from `first` to `last`; each has a cell of the same width. */
interface Band {
  readonly first: number
  readonly last: number
  readonly width: number
}

/** A picture with its height in pixels. */
export interface Drawing {
  readonly svg: string
  readonly height: number
}

const RING_WORDS = ["kernel", "", "", "applications"]
const SIGN_ROWS: readonly (readonly MarkKind[])[] = [
  ["fault", "trap", "interrupt"],
  ["cr3", "port"],
]

/** Draw the lanes with `step` marked. `width` in pixels. */
export function drawTimeline(timeline: Timeline, step: number, width: number): Drawing {
  const parts = bandsFor(timeline, step).map(({ first, last, thin }) =>
    drawBand(timeline, { first, last, width: width - LANES_LEFT - LANES_RIGHT }, step, thin),
  )
  return stack([...parts, drawLegend(timeline, width)])
}

function bandsFor(timeline: Timeline, step: number): { first: number; last: number; thin: boolean }[] {
  if (timeline.steps <= CLOSE_UP) return [{ first: 0, last: timeline.steps, thin: false }]
  const first = Math.max(0, Math.min(step - CLOSE_UP / 2, timeline.steps - CLOSE_UP))
  return [
    { first: 0, last: timeline.steps, thin: true },
    { first, last: first + CLOSE_UP, thin: false },
  ]
}

function stack(parts: readonly Drawing[]): Drawing {
  let y = 0
  let svg = ""
  for (const part of parts) {
    svg += at(0, y, part.svg)
    y += part.height
  }
  return { svg, height: y }
}

function drawBand(timeline: Timeline, band: Band, step: number, thin: boolean): Drawing {
  const rows = SIGN_ROWS.filter((kinds) => hasAny(timeline, kinds))
  const top = rows.length * SIGN_ROW + 4
  const lanes = layLanes(timeline, top, thin)
  const bottom = lanes.bottom + 2
  const svg =
    drawLanes(lanes, band) +
    drawPath(timeline, band, lanes) +
    rows
      .map((kinds, row) =>
        drawSigns(timeline, band, kinds, row * SIGN_ROW + SIGN_ROW / 2, thin ? null : lanes),
      )
      .join("") +
    drawAxis(band, bottom) +
    drawCursor(band, step, bottom) +
    at(0, 0, text(0, SIGN_ROW / 2 + 4, bandTitle(timeline, band, thin), "rl-note"))
  return { svg, height: bottom + 30 }
}

function bandTitle(timeline: Timeline, band: Band, thin: boolean): string {
  if (thin || timeline.steps <= CLOSE_UP) return "the whole run"
  return band.last > band.first ? "close-up" : ""
}

function hasAny(timeline: Timeline, kinds: readonly MarkKind[]): boolean {
  return timeline.marks.some((mark) => kinds.includes(kindOf(mark)))
}

interface Lanes {
  /** By ring: top and height of its lane. */
  readonly of: readonly { readonly y: number; readonly height: number }[]
  readonly top: number
  readonly bottom: number
}

/** Ring 0, the most privileged, on top. A ring that the run never enters gets a narrow lane. */
function layLanes(timeline: Timeline, top: number, thin: boolean): Lanes {
  const used = new Set(timeline.rings.map(([, ring]) => ring))
  const lanes: { y: number; height: number }[] = []
  let y = top
  for (const ring of [0, 1, 2, 3]) {
    const height = used.has(ring) ? (thin ? 16 : 26) : 12
    lanes.push({ y, height })
    y += height + 3
  }
  return { of: lanes, top, bottom: y - 3 }
}

function drawLanes(lanes: Lanes, band: Band): string {
  return lanes.of
    .map(({ y, height }, ring) => {
      const word = RING_WORDS[ring]
      const small = height <= 12
      const name = small
        ? text(12, y + height / 2 + 4, `ring ${ring}`, "rl-small")
        : texts(12, y + height / 2 + 4, [
            [`ring ${ring}`, `rl-ring${ring}-text`],
            [word, "rl-note"],
          ])
      return `${name}${box(LANES_LEFT, y, band.width, height, "rl-lane", 3)}`
    })
    .join("")
}

/** Left edge of a step's cell. */
function edge(band: Band, step: number): number {
  return LANES_LEFT + ((step - band.first) * band.width) / (band.last - band.first + 1)
}

function middle(band: Band, step: number): number {
  return edge(band, step + 0.5)
}

/** Steps in one ring, from the first to the one after the last. */
interface Stretch {
  readonly from: number
  readonly to: number
  readonly ring: number
}

/** The stretches of a band. */
function stretches(timeline: Timeline, band: Band): Stretch[] {
  const found: Stretch[] = []
  for (let i = 0; i < timeline.rings.length; i++) {
    const [start, ring] = timeline.rings[i]
    const end = i + 1 < timeline.rings.length ? timeline.rings[i + 1][0] : timeline.steps + 1
    if (end > band.first && start <= band.last)
      found.push({ from: Math.max(start, band.first), to: Math.min(end, band.last + 1), ring })
  }
  return found
}

/** Least distance in pixels of two climbs; between closer ones the bars say enough. */
const CLIMB_SPACE = 4

/** Bars for the stretches and a climb for each change; what would fall on the same pixels is drawn once. */
function drawPath(timeline: Timeline, band: Band, lanes: Lanes): string {
  const found = stretches(timeline, band)
  return (
    drawClimbs(found, band, lanes) + [0, 1, 2, 3].map((ring) => drawBars(found, band, lanes, ring)).join("")
  )
}

function drawClimbs(found: readonly Stretch[], band: Band, lanes: Lanes): string {
  let last = Number.NEGATIVE_INFINITY
  let svg = ""
  for (let i = 1; i < found.length; i++) {
    const x = edge(band, found[i].from)
    if (x - last < CLIMB_SPACE) continue
    svg += drawClimb(x, lanes, found[i - 1].ring, found[i].ring)
    last = x
  }
  return svg
}

/** The bars of one ring; bars that touch are one. */
function drawBars(found: readonly Stretch[], band: Band, lanes: Lanes, ring: number): string {
  const bars: { start: number; end: number }[] = []
  for (const stretch of found) {
    if (stretch.ring !== ring) continue
    const start = edge(band, stretch.from)
    const end = Math.max(edge(band, stretch.to), start + 1)
    const last = bars[bars.length - 1]
    if (last && start <= last.end + 0.5) last.end = end
    else bars.push({ start, end })
  }
  const y = lanes.of[ring].y + lanes.of[ring].height / 2 - 5
  return bars.map(({ start, end }) => box(start, y, end - start, 10, `rl-ring${ring}`, 2)).join("")
}

function drawClimb(x: number, lanes: Lanes, from: number, to: number): string {
  const y = (ring: number) => lanes.of[ring].y + lanes.of[ring].height / 2
  return line(x, y(from), x, y(to), "rl-climb")
}

/**
 * Signs in one row. Signs that would touch become one with a count; a label stands where there is room.
 * A guide leads down to the bars if `lanes` are given.
 */
function drawSigns(
  timeline: Timeline,
  band: Band,
  kinds: readonly MarkKind[],
  y: number,
  lanes: Lanes | null,
): string {
  const groups = groupSigns(timeline, band, kinds)
  return groups
    .map(({ x, mark, size }, i) => {
      const label = size > 1 ? `×${size}` : markLabel(mark)
      const room =
        (i + 1 < groups.length ? groups[i + 1].x - SIGN_SPACE / 2 : LANES_LEFT + band.width) - x - 10
      const fits = label.length * (SANS - 0.8) <= room
      const sign = at(x, y, `${SIGNS[kindOf(mark)].shape}${fits ? text(10, 4, label, "rl-small") : ""}`)
      return (lanes ? line(x, y + 8, x, lanes.bottom, "rl-guide") : "") + sign
    })
    .join("")
}

interface SignGroup {
  readonly x: number
  mark: Mark
  size: number
}

function groupSigns(timeline: Timeline, band: Band, kinds: readonly MarkKind[]): SignGroup[] {
  const groups: SignGroup[] = []
  for (const mark of timeline.marks) {
    if (mark[0] < band.first || mark[0] > band.last || !kinds.includes(kindOf(mark))) continue
    const x = middle(band, mark[0])
    const last = groups[groups.length - 1]
    if (last && x - last.x < SIGN_SPACE) join(last, mark, kinds)
    else groups.push({ x, mark, size: 1 })
  }
  return groups
}

/** A group shows its weightiest kind: the one that stands first in `kinds`. */
function join(group: SignGroup, mark: Mark, kinds: readonly MarkKind[]): void {
  group.size++
  if (kinds.indexOf(kindOf(mark)) < kinds.indexOf(kindOf(group.mark))) group.mark = mark
}

/** Step numbers at round distances, below the lanes. */
function drawAxis(band: Band, y: number): string {
  const distance = roundDistance((band.last - band.first + 1) / Math.max(2, band.width / 90))
  const parts: string[] = []
  for (let step = Math.ceil(band.first / distance) * distance; step <= band.last; step += distance) {
    const x = middle(band, step)
    parts.push(line(x, y, x, y + 4, "rl-rule"), text(x, y + 16, count(step), "rl-small", "middle"))
  }
  return parts.join("")
}

/** The least of 1, 2, 5, 10, 20 … that is not less than `wanted`. */
function roundDistance(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, wanted)))
  return [1, 2, 5, 10].map((factor) => factor * power).find((distance) => distance >= wanted) ?? power * 10
}

function drawCursor(band: Band, step: number, bottom: number): string {
  const x = middle(band, step)
  const label = `step ${count(step)}`
  const width = label.length * SANS + 8
  const left = Math.max(LANES_LEFT, Math.min(x - width / 2, LANES_LEFT + band.width - width))
  return (
    line(x, 0, x, bottom + 4, "rl-cursor") +
    box(left, bottom + 4, width, 16, "rl-cursor-flag", 3) +
    text(left + width / 2, bottom + 16, label, "rl-cursor-text", "middle")
  )
}

/** What the signs mean and how many there are; the lines wrap at the width. */
function drawLegend(timeline: Timeline, width: number): Drawing {
  const counts = countMarks(timeline.marks)
  const kinds = MARK_KINDS.filter((kind) => kind !== "ring" && counts[kind] > 0)
  let x = LANES_LEFT + 6
  let y = 12
  let svg = ""
  for (const kind of kinds) {
    const label = `${SIGNS[kind].word} × ${count(counts[kind])}`
    const space = label.length * SANS + 34
    if (x + space > width) [x, y] = [LANES_LEFT + 6, y + 20]
    svg += at(x, y - 4, SIGNS[kind].shape) + text(x + 12, y, label, "rl-note")
    x += space
  }
  return { svg, height: kinds.length > 0 ? y + 10 : 0 }
}

/**
 * The step whose cell in the lanes is at a point, or null beside them.
 * `x` and `y` in pixels from the corner of what `drawTimeline` drew for the same timeline, step and width.
 */
export function stepInLanes(
  timeline: Timeline,
  step: number,
  width: number,
  x: number,
  y: number,
): number | null {
  let top = 0
  for (const { first, last, thin } of bandsFor(timeline, step)) {
    const band = { first, last, width: width - LANES_LEFT - LANES_RIGHT }
    const { height } = drawBand(timeline, band, step, thin)
    const cell = Math.floor(((x - LANES_LEFT) * (last - first + 1)) / band.width)
    if (y < top + height) return y < top || cell < 0 || cell > last - first ? null : first + cell
    top += height
  }
  return null
}
