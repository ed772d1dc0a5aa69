/**
 * Two sets that overlap, with the names of what is in them: the picture of the theorem of Popek and Goldberg, where
 * whatever is in the right set alone breaks it. That part is hatched, so that it is not told by colour alone.
 */
import { DRAW_STYLE } from "./style"
import { box, count, escapeText, MONO, text, wrap } from "./svg"

/** What is in one part of the picture. */
export interface VennPart {
  /** "only privileged", "both", "offenders" … */
  readonly name: string
  /** Names to write into it, in this order. */
  readonly members: readonly string[]
}

/** Everything that the picture shows. */
export interface Venn {
  /** A heading. */
  readonly title: string
  /** What the picture means, in one or two sentences. */
  readonly sentence: string
  /** What the left set is called, and the right one. */
  readonly sets: readonly [left: string, right: string]
  /** What is only in the left set. */
  readonly left: VennPart
  /** What is in both sets. */
  readonly both: VennPart
  /** What must not be. */
  readonly right: VennPart
  /** What is counted, in a sentence. */
  readonly counted: string
  /** In neither set: only counted. */
  readonly outside: { readonly name: string; readonly members: number }
}

const ROW = 18
const TITLE_ROW = 24
const SENTENCE_ROW = 20
/** Half of a set's height: the first of these in which all names fit. */
const HALF_HEIGHTS = [165, 205, 250, 300]
const AIR = 12
const EDGE = 16
/** Average width in pixels of a character of the sentence, of the title, and of a note. */
const SAY = 8.2
const TITLE = 9.6
const NOTE = 6.7
const NARROWEST = 320

/** A set's outline. */
interface Ellipse {
  readonly x: number
  readonly y: number
  readonly rx: number
  readonly ry: number
}

/** From where to where a part reaches at some height. */
type Reach = (y: number) => readonly [from: number, to: number]

/** How high letters are above their baseline. */
const LETTER = 12
/** Where letters with this baseline have room: a part may be narrower at their top. */
const roomFor =
  (reach: Reach): Reach =>
  (baseline) => {
    const [[from, to], [fromTop, toTop]] = [reach(baseline), reach(baseline - LETTER)]
    return [Math.max(from, fromTop), Math.min(to, toTop)]
  }

/** A part, its place, and its names in rows. */
interface Laid {
  readonly part: VennPart
  readonly reach: Reach
  readonly rows: readonly (readonly string[])[]
  readonly className: string
}

/** Where everything stands. */
interface Layout {
  readonly left: Ellipse
  readonly right: Ellipse
  readonly parts: readonly Laid[]
}

/** The picture as SVG. @param width in pixels, at least 320 */
export function drawVenn(venn: Venn, { width = 900, style = true } = {}): string {
  const wide = Math.max(NARROWEST, width)
  const title = wrap(venn.title, Math.floor((wide - 2 * EDGE) / TITLE))
  const counted = `${venn.counted} ${venn.outside.name}: ${count(venn.outside.members)}.`
  const notes = wrap(counted, Math.floor((wide - 2 * EDGE) / NOTE))
  const note = 4 + TITLE_ROW * title.length + 20
  const { left, right, parts } = layoutFor(venn, wide, note + ROW * (notes.length - 1) + 40)
  const bottom = left.y + left.ry
  const below = wrap(venn.sentence, Math.floor((wide - 2 * EDGE) / SAY))
  const height = bottom + 34 + SENTENCE_ROW * below.length
  const drawing = [
    box(0, 0, wide, height, "rl-paper"),
    ...title.map((line, n) => text(EDGE, 4 + TITLE_ROW * (n + 1), line, "rl-title")),
    ...notes.map((line, n) => text(EDGE, note + ROW * n, line, "rl-note")),
    outlines(left, right),
    text(left.x - left.rx / 2, left.y - left.ry - 8, venn.sets[0], "rl-step", "middle"),
    text(right.x + right.rx / 2, right.y - right.ry - 8, venn.sets[1], "rl-fault-name", "middle"),
    ...parts.map((laid) => part(laid, left.y)),
    ...below.map((line, n) => text(EDGE, bottom + 34 + n * SENTENCE_ROW, line, "rl-say")),
  ].join("")
  const head = `xmlns="http://www.w3.org/2000/svg" class="rl" role="img" aria-label="${escapeText(label(venn))}"`
  const size = `width="${wide}" height="${height}" viewBox="0 0 ${wide} ${height}"`
  return `<svg ${head} ${size}>${style ? `<style>${DRAW_STYLE}</style>` : ""}${drawing}</svg>`
}

/** The lowest layout that has room for all names; if none has, the highest. */
function layoutFor(venn: Venn, wide: number, top: number): Layout {
  const layouts = HALF_HEIGHTS.map((ry) => () => layout(venn, wide, top, ry))
  const roomy = layouts.find((make) => make().parts.every(holdsAll)) ?? layouts[layouts.length - 1]
  return roomy()
}

const holdsAll = ({ part, rows }: Laid) => rows.flat().length === part.members.length

function layout(venn: Venn, wide: number, top: number, ry: number): Layout {
  const [y, rx] = [top + ry, wide * 0.325]
  const left = { x: wide * 0.335, y, rx, ry }
  const right = { x: wide * 0.665, y, rx, ry }
  const lay = (part: VennPart, className: string, reach: Reach): Laid => ({
    part,
    className,
    reach: roomFor(reach),
    rows: rowsFor(part.members, left, roomFor(reach)),
  })
  const parts = [
    lay(venn.left, "rl-mono", (at) => [left.x - half(left, at), right.x - half(right, at)]),
    lay(venn.both, "rl-mono", (at) => [right.x - half(right, at), left.x + half(left, at)]),
    lay(venn.right, "rl-strong", (at) => [left.x + half(left, at), right.x + half(right, at)]),
  ]
  return { left, right, parts }
}

/** What a screen reader says of the picture. */
function label({ title, sentence, counted, left, both, right }: Venn): string {
  const told = [left, both, right].map(
    ({ name, members }) => `${name}: ${members.length === 0 ? "none" : members.join(", ")}.`,
  )
  return [`${title}.`, sentence, ...told, counted].join(" ")
}

/** The left set covers its part of the right one, so that only what is outside of it stays hatched. */
function outlines(left: Ellipse, right: Ellipse): string {
  const hatch = `<pattern id="rl-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">${box(0, 0, 1.5, 7, "rl-changed")}</pattern>`
  return [
    `<defs>${hatch}</defs>`,
    ellipse(right, 'fill="url(#rl-hatch)"'),
    ellipse(left, 'class="rl-paper"'),
    ellipse(left, 'class="rl-glyph-line"'),
    ellipse(right, 'class="rl-fault-line"'),
  ].join("")
}

const ellipse = ({ x, y, rx, ry }: Ellipse, how: string): string =>
  `<ellipse cx="${Math.round(x)}" cy="${y}" rx="${Math.round(rx)}" ry="${ry}" ${how}/>`

/** Half of an ellipse's width at a height. */
const half = ({ y, rx, ry }: Ellipse, at: number): number =>
  rx * Math.sqrt(Math.max(0, 1 - ((at - y) / ry) ** 2))

/** A part's name and number, and its members in lines as long as the part is wide there. */
function part({ part: { name, members }, rows, reach, className }: Laid, middle: number): string {
  const top = firstRow(middle, rows.length)
  const centred = (at: number, content: string, look: string): string => {
    const [from, to] = reach(at)
    return text((from + to) / 2, at, content, look, "middle")
  }
  const heading = centred(top - ROW - 4, `${name}: ${members.length}`, "rl-head")
  const lines = rows.map((row, n) => centred(top + n * ROW, row.join(" "), className))
  return `<g><title>${escapeText(`${name}: ${members.join(", ")}`)}</title>${heading}${lines.join("")}</g>`
}

/** Baseline of the first of so many rows that stand in the middle of the picture. */
const firstRow = (middle: number, rows: number): number => middle - ((rows - 1) * ROW) / 2 + 12

/** As few rows as hold all members; if no number of rows does, the last says how many are left out. */
function rowsFor(members: readonly string[], { y, ry }: Ellipse, reach: Reach): string[][] {
  const most = Math.floor((2 * ry - 90) / ROW)
  for (let count = 1; count <= most; count++) {
    const rows = fill(members, y, reach, count)
    if (rows.flat().length === members.length) return rows
  }
  const rows = fill(members, y, reach, most).slice(0, -1)
  return [...rows, [`… ${members.length - rows.flat().length} more`]]
}

/** Put members into a number of rows, one after the other, as far as they fit. */
function fill(members: readonly string[], middle: number, reach: Reach, count: number): string[][] {
  const top = firstRow(middle, count)
  const rest = [...members]
  return Array.from({ length: count }, (_, n) => {
    const [from, to] = reach(top + n * ROW)
    return takeRow(rest, Math.floor((to - from - 2 * AIR) / MONO))
  })
}

/** Take from `rest` what fits into so many characters, with spaces between. */
function takeRow(rest: string[], characters: number): string[] {
  const row: string[] = []
  for (
    let left = characters;
    rest.length > 0 && rest[0].length <= left;
    left -= row[row.length - 1].length + 1
  )
    row.push(rest.shift() as string)
  return row
}
