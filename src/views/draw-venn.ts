/**
 * Two sets that overlap, with the names of what is in them: the picture of the theorem of Popek and Goldberg, where
 * whatever is in the right set alone breaks it. That part is hatched, so that it is not told by colour alone.
 */
import { DRAW_STYLE } from "./draw-style"
import { box, count, escapeText, MONO, text, wrap } from "./draw-svg"

/** What is in one part of the picture. */
export interface VennPart {
  /** "only privileged", "both", "offenders" … */
  readonly name: string
  readonly members: readonly string[]
}

/** Everything that the picture shows. */
export interface Venn {
  readonly title: string
  /** What the picture means, in one or two sentences. */
  readonly sentence: string
  /** What the left set is called, and the right one. */
  readonly sets: readonly [left: string, right: string]
  readonly left: VennPart
  readonly both: VennPart
  /** What must not be. */
  readonly right: VennPart
  /** In neither set: only counted. */
  readonly outside: { readonly name: string; readonly members: number }
}

const ROW = 18
const HEAD = 66
const SENTENCE_ROW = 20
/** Half of a set's height. */
const HALF_HEIGHT = 175
const AIR = 14
/** Average width in pixels of a character of the sentence. */
const SAY = 8.2

/** A set's outline. */
interface Ellipse {
  readonly x: number
  readonly y: number
  readonly rx: number
}

/** From where to where a part reaches at some height. */
type Reach = (y: number) => readonly [from: number, to: number]

/** The picture as SVG. @param width in pixels, at least 480 */
export function drawVenn(venn: Venn, { width = 900, style = true } = {}): string {
  const wide = Math.max(480, width)
  const y = HEAD + 26 + HALF_HEIGHT
  const rx = wide * 0.28
  const left = { x: wide * 0.39, y, rx }
  const right = { x: wide * 0.61, y, rx }
  const below = wrap(venn.sentence, Math.floor((wide - 32) / SAY))
  const height = y + HALF_HEIGHT + 34 + SENTENCE_ROW * below.length
  const drawing = [
    box(0, 0, wide, height, "rl-paper"),
    text(16, 28, venn.title, "rl-title"),
    text(16, 50, `${venn.outside.name}: ${count(venn.outside.members)}`, "rl-note"),
    outlines(left, right),
    text(left.x - rx / 2, y - HALF_HEIGHT - 8, venn.sets[0], "rl-step", "middle"),
    text(right.x + rx / 2, y - HALF_HEIGHT - 8, venn.sets[1], "rl-fault-name", "middle"),
    part(venn.left, y, (at) => [left.x - half(left, at), right.x - half(right, at)]),
    part(venn.both, y, (at) => [right.x - half(right, at), left.x + half(left, at)]),
    part(venn.right, y, (at) => [left.x + half(left, at), right.x + half(right, at)], "rl-strong"),
    ...below.map((line, n) => text(16, y + HALF_HEIGHT + 34 + n * SENTENCE_ROW, line, "rl-say")),
  ].join("")
  const head = `xmlns="http://www.w3.org/2000/svg" class="rl" role="img" aria-label="${escapeText(label(venn))}"`
  const size = `width="${wide}" height="${height}" viewBox="0 0 ${wide} ${height}"`
  return `<svg ${head} ${size}>${style ? `<style>${DRAW_STYLE}</style>` : ""}${drawing}</svg>`
}

/** What a screen reader says of the picture. */
function label({ title, sentence, left, both, right }: Venn): string {
  const told = [left, both, right].map(
    ({ name, members }) => `${name}: ${members.length === 0 ? "none" : members.join(", ")}.`,
  )
  return [`${title}.`, sentence, ...told].join(" ")
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

const ellipse = ({ x, y, rx }: Ellipse, how: string): string =>
  `<ellipse cx="${Math.round(x)}" cy="${y}" rx="${Math.round(rx)}" ry="${HALF_HEIGHT}" ${how}/>`

/** Half of an ellipse's width at a height. */
const half = ({ y, rx }: Ellipse, at: number): number =>
  rx * Math.sqrt(Math.max(0, 1 - ((at - y) / HALF_HEIGHT) ** 2))

/** A part's name and number, and its members in lines as long as the part is wide there. */
function part({ name, members }: VennPart, middle: number, reach: Reach, className = "rl-mono"): string {
  const rows = rowsFor(members, middle, reach)
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
function rowsFor(members: readonly string[], middle: number, reach: Reach): string[][] {
  const most = Math.floor((2 * HALF_HEIGHT - 90) / ROW)
  for (let count = 1; count <= most; count++) {
    const rows = fill(members, middle, reach, count)
    if (rows.flat().length === members.length) return rows
  }
  const rows = fill(members, middle, reach, most).slice(0, -1)
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
