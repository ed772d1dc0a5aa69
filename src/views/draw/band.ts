/** A stretch of a run, drawn: lanes, bars for the rings, climbs between them, signs, step numbers. */

import type { Lane, Mark, MarkKind, Timeline } from "../view"
import { kindOf, markLabel, SIGNS } from "./marks"
import { at, box, count, line, SANS, text, texts } from "./svg"

/** Where the lanes begin and end, in pixels from the left and the right of the picture. */
export const LANES_LEFT = 140
export const LANES_RIGHT = 10

const SIGN_ROW = 18
const SIGN_SPACE = 15
const AXIS = 24
/** Height in pixels of a lane, and in a thin band. */
const LANE = 20
const THIN_LANE = 13
const LANE_GAP = 2

/** The steps from `first` to `last`; each has a cell of the same width. A thin band leaves out what only a few steps have room for. */
export interface Band {
  readonly first: number
  readonly last: number
  /** Of the lanes, in pixels. */
  readonly width: number
  readonly thin: boolean
  readonly title: string
}

/** A run, and what is found out about it once for all its pictures. */
export interface Run {
  readonly timeline: Timeline
  /** Kinds of signs, a row each, weightiest first; only rows that the run needs. */
  readonly rows: readonly (readonly MarkKind[])[]
  /** From the top. */
  readonly lanes: readonly Lane[]
}

/** Height in pixels of a band. */
export function bandHeight(run: Run, thin: boolean): number {
  return layLanes(run, thin).bottom + AXIS
}

/** Draw a band without its cursor and step numbers: this part is the same for every step in it. */
export function drawBand(run: Run, band: Band): string {
  const lanes = layLanes(run, band.thin)
  const signs = run.rows.map((kinds, row) => drawSigns(run, band, kinds, (row + 0.5) * SIGN_ROW, lanes))
  return (
    text(0, SIGN_ROW / 2 + 4, band.title, "rl-note") +
    drawLanes(run, lanes, band) +
    drawPath(run, band, lanes) +
    signs.join("")
  )
}

/** Mark the current step in a band, and number other steps beside it. */
export function drawCursor(run: Run, band: Band, step: number): string {
  const lanes = layLanes(run, band.thin)
  const bottom = lanes.bottom + 2
  const x = middle(band, step)
  const label = `step ${count(step)}`
  const width = label.length * SANS + 8
  const left = Math.max(LANES_LEFT, Math.min(x - width / 2, LANES_LEFT + band.width - width))
  return (
    drawAxis(band, bottom, [left, left + width]) +
    line(x, lanes.top - 3, x, bottom + 4, "rl-cursor") + // below the signs, whose labels it would cross
    box(left, bottom + 3, width, 16, "rl-cursor-flag", 3) +
    text(left + width / 2, bottom + 15, label, "rl-cursor-text", "middle")
  )
}

/** The step whose cell is at a place, in pixels from the left of the picture; null beside the lanes. */
export function stepInBand(band: Band, x: number): number | null {
  const cells = band.last - band.first + 1
  const cell = Math.floor(((x - LANES_LEFT) * cells) / band.width)
  return cell < 0 || cell >= cells ? null : band.first + cell
}

/** Index of the first item that belongs to a step not before `step`, in a list in the order of steps. */
function firstFrom(items: readonly (readonly number[])[], step: number): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (items[middle][0] < step) low = middle + 1
    else high = middle
  }
  return low
}

// ---- lanes and bars

/** Top and height of a lane. */
interface Place {
  readonly y: number
  readonly height: number
}

interface Lanes {
  /** By ring. */
  readonly of: ReadonlyMap<number, Place>
  readonly top: number
  readonly bottom: number
}

/** The most privileged on top. */
function layLanes(run: Run, thin: boolean): Lanes {
  const top = Math.max(1, run.rows.length) * SIGN_ROW + 3 // the band's title stands beside the first row
  const height = thin ? THIN_LANE : LANE
  const places = run.lanes.map(({ ring }, n) => [ring, { y: top + n * (height + LANE_GAP), height }] as const)
  return { of: new Map(places), top, bottom: top + run.lanes.length * (height + LANE_GAP) - LANE_GAP }
}

function drawLanes(run: Run, lanes: Lanes, band: Band): string {
  const drawn = run.lanes.map((lane) => {
    const place = placeOf(lanes, lane.ring)
    return laneName(place, lane) + box(LANES_LEFT, place.y, band.width, place.height, "rl-lane", 3)
  })
  return drawn.join("")
}

/** Each ring that the run enters has a lane. */
const placeOf = ({ of }: Lanes, ring: number) => of.get(ring) as Place

/** Whose lane it is, and a word on that. */
const laneName = ({ y, height }: Place, { ring, name, note }: Lane) =>
  texts(0, y + height / 2 + 4, [
    [name, `rl-ring${ring}-text`],
    [note, "rl-note"],
  ])

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
function stretches({ timeline }: Run, band: Band): Stretch[] {
  const { rings, steps } = timeline
  const found: Stretch[] = []
  for (
    let i = Math.max(0, firstFrom(rings, band.first + 1) - 1);
    i < rings.length && rings[i][0] <= band.last;
    i++
  ) {
    const [start, ring] = rings[i]
    const end = i + 1 < rings.length ? rings[i + 1][0] : steps + 1
    found.push({ from: Math.max(start, band.first), to: Math.min(end, band.last + 1), ring })
  }
  return found
}

/** Height in pixels of a bar. */
const BAR = 9

/** Least distance in pixels of two climbs; between closer ones the bars say enough. */
const CLIMB_SPACE = 4

/** Bars for the stretches and a climb for each change; what would fall on the same pixels is drawn once. */
function drawPath(run: Run, band: Band, lanes: Lanes): string {
  const found = stretches(run, band)
  return (
    drawClimbs(found, band, lanes) + run.lanes.map(({ ring }) => drawBars(found, band, lanes, ring)).join("")
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
  const place = placeOf(lanes, ring)
  const y = place.y + place.height / 2 - BAR / 2
  return bars.map(({ start, end }) => box(start, y, end - start, BAR, `rl-ring${ring}`, 2)).join("")
}

function drawClimb(x: number, lanes: Lanes, from: number, to: number): string {
  const y = (ring: number) => placeOf(lanes, ring).y + placeOf(lanes, ring).height / 2
  return line(x, y(from), x, y(to), "rl-climb")
}

// ---- signs

/** Signs in one row; where a row would be one wall of signs, a sentence stands instead. */
function drawSigns(run: Run, band: Band, kinds: readonly MarkKind[], y: number, lanes: Lanes): string {
  const groups = groupSigns(run, band, kinds)
  const wall = band.thin && groups.length * SIGN_SPACE > band.width * MOST_COVERED
  if (wall) return text(LANES_LEFT, y + 4, wallWords(groups), "rl-note")
  return groups.map((_, i) => drawSign(groups, i, band, y, lanes)).join("")
}

/** Width in pixels of a character of a label; capitals are wide. */
const LABEL = 7.6

/** Share of a row that signs may cover. */
const MOST_COVERED = 0.75

function wallWords(groups: readonly SignGroup[]): string {
  const all = groups.reduce((sum, { size }) => sum + size, 0)
  return `${count(all)} signs, too close together to show: see the close-up below`
}

/** A label stands beside a sign where there is room; a guide leads on from above the lanes to the bars. */
function drawSign(groups: readonly SignGroup[], i: number, band: Band, y: number, lanes: Lanes): string {
  const { x, mark, size } = groups[i]
  const label = size > 1 ? `×${size}` : markLabel(mark)
  const end = i + 1 < groups.length ? groups[i + 1].x - SIGN_SPACE / 2 : LANES_LEFT + band.width
  const fits = label.length * LABEL <= end - x - 10
  const sign = at(x, y, `${SIGNS[kindOf(mark)].shape}${fits ? text(10, 4, label, "rl-small") : ""}`)
  return (band.thin ? "" : line(x, lanes.top - 5, x, lanes.bottom, "rl-guide")) + sign
}

/** Signs that would touch are one, with their number. */
interface SignGroup {
  readonly x: number
  mark: Mark
  size: number
}

function groupSigns({ timeline }: Run, band: Band, kinds: readonly MarkKind[]): SignGroup[] {
  const { marks } = timeline
  const groups: SignGroup[] = []
  for (let i = firstFrom(marks, band.first); i < marks.length && marks[i][0] <= band.last; i++) {
    if (!kinds.includes(kindOf(marks[i]))) continue
    const x = middle(band, marks[i][0])
    const last = groups[groups.length - 1]
    if (last && x - last.x < SIGN_SPACE) join(last, marks[i], kinds)
    else groups.push({ x, mark: marks[i], size: 1 })
  }
  return groups
}

/** A group shows its weightiest kind: the one that stands first in `kinds`. */
function join(group: SignGroup, mark: Mark, kinds: readonly MarkKind[]): void {
  group.size++
  if (kinds.indexOf(kindOf(mark)) < kinds.indexOf(kindOf(group.mark))) group.mark = mark
}

/** Step numbers at round distances, below the lanes, but none where something else stands. */
function drawAxis(band: Band, y: number, [from, to]: readonly [from: number, to: number]): string {
  const distance = roundDistance((band.last - band.first + 1) / Math.max(2, band.width / 90))
  const parts: string[] = []
  for (let step = Math.ceil(band.first / distance) * distance; step <= band.last; step += distance) {
    const x = middle(band, step)
    const half = (count(step).length * SANS) / 2
    const free = x + half < from || x - half > to
    parts.push(line(x, y, x, y + 3, "rl-rule"))
    if (free) parts.push(text(x, y + 15, count(step), "rl-small", "middle"))
  }
  return parts.join("")
}

/** The least of 1, 2, 5, 10, 20 … that is not less than `wanted`. */
function roundDistance(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, wanted)))
  return [1, 2, 5, 10].map((factor) => factor * power).find((distance) => distance >= wanted) ?? power * 10
}
