/** What diagrams are laid out with: blocks of words, strips of bit fields, arrows between them, and the page that they stand on. */
import { sizeOf, widthOf } from "./look"
import type { BoxLook, LineLook, Point, Scene, Shape, TextLook } from "./scene"

/** Units from edge to edge, and around the drawing. */
export const WIDTH = 700
export const EDGE = 12
export const INNER = WIDTH - 2 * EDGE
/** Where the drawing begins, below the title. */
export const TOP = 46
const AIR = 10

/** A part of a drawing, and the room that it takes. */
export interface Piece {
  readonly shapes: readonly Shape[]
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A line of words: as text, or in another look. */
export type Words = string | readonly [text: string, look: TextLook]

const bottomOf = ({ y, height }: Piece) => y + height

/** The height that some pieces reach down to. */
export const bottom = (...pieces: readonly Piece[]): number => Math.max(...pieces.map(bottomOf))

/** Break words into lines no wider than `width`, at spaces. */
export function wrapped(text: string, look: TextLook, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(" ")) {
    const longer = `${lines[lines.length - 1]} ${word}`
    if (lines.length > 0 && widthOf(longer, look) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

const lineHeight = (look: TextLook) => Math.round(sizeOf(look) * 1.4)

/** Words one below the other, each broken where it must be. */
export function paragraph(x: number, y: number, width: number, ...words: readonly Words[]): Piece {
  const shapes: Shape[] = []
  let at = y
  for (const item of words) {
    const [text, look] = typeof item === "string" ? ([item, "text"] as const) : item
    for (const line of wrapped(text, look, width)) {
      at += lineHeight(look)
      shapes.push({ is: "text", x, y: at - 4, text: line, look })
    }
  }
  return { shapes, x, y, width, height: at - y }
}

/** A box with a heading and words below it; as high as these are, or as `least`. */
export function block(
  [x, y, width]: readonly [x: number, y: number, width: number],
  heading: string,
  words: readonly Words[] = [],
  look: BoxLook = "plain",
  least = 0,
): Piece {
  const inside = paragraph(x + AIR, y + 5, width - 2 * AIR, [heading, "head"], ...words)
  const height = Math.max(least, inside.height + 14)
  return { shapes: [{ is: "box", x, y, width, height, look }, ...inside.shapes], x, y, width, height }
}

/** Blocks side by side, equally high. */
export function level(blocks: readonly ((least: number) => Piece)[]): Piece[] {
  const highest = Math.max(...blocks.map((make) => make(0).height))
  return blocks.map((make) => make(highest))
}

/** A field of a strip: which bits, what they are called, and what they hold. */
export interface Field {
  readonly bits: string
  readonly name: string
  readonly value: string
  readonly look?: BoxLook
}

const FIELD_HEIGHT = 46
const BITS_HEIGHT = 18

/** Fields side by side with their bits above, as wide as what they hold and together as wide as there is room. */
export function strip(x: number, y: number, width: number, fields: readonly Field[]): Piece {
  const needs = fields.map(
    ({ bits, name, value }) =>
      Math.max(widthOf(bits, "bits"), widthOf(name, "note"), widthOf(value, "strong")) + 10,
  )
  const spare = (width - needs.reduce((sum, need) => sum + need, 0)) / fields.length
  const starts = needs.map((_, n) => x + needs.slice(0, n).reduce((sum, need) => sum + need + spare, 0))
  const shapes = fields.flatMap((field, n) => drawField(field, starts[n], y, needs[n] + spare))
  return { shapes, x, y, width, height: FIELD_HEIGHT + BITS_HEIGHT }
}

function drawField(
  { bits, name, value, look = "plain" }: Field,
  x: number,
  y: number,
  width: number,
): Shape[] {
  const middle = x + width / 2
  const top = y + BITS_HEIGHT
  const words = (at: number, text: string, look: TextLook): Shape => ({
    is: "text",
    x: middle,
    y: at,
    text,
    look,
    anchor: "middle",
  })
  return [
    { is: "box", x, y: top, width, height: FIELD_HEIGHT, look },
    words(top - 5, bits, "bits"),
    words(top + 17, name, "note"),
    words(top + 37, value, "strong"),
  ]
}

/** Rows of a table: one box a row, a cell a column, each as wide as its column. */
export function table(
  x: number,
  y: number,
  widths: readonly number[],
  rows: readonly { readonly cells: readonly Words[]; readonly look?: BoxLook }[],
): Piece {
  const width = widths.reduce((sum, each) => sum + each, 0)
  const starts = widths.map((_, n) => x + AIR + widths.slice(0, n).reduce((sum, each) => sum + each, 0))
  const shapes = rows.flatMap(({ cells, look = "plain" }, row): Shape[] => [
    { is: "box", x, y: y + row * ROW, width, height: ROW, look },
    ...cells.map((cell, n): Shape => {
      const [text, look] = typeof cell === "string" ? ([cell, "mono"] as const) : cell
      return { is: "text", x: starts[n], y: y + row * ROW + 18, text, look }
    }),
  ])
  return { shapes, x, y, width, height: rows.length * ROW }
}

export const ROW = 26

/** A line through some points, with an arrowhead at its end. */
export const arrow = (points: readonly Point[], look: LineLook = "plain"): Piece =>
  at(points, { is: "line", points, look, arrow: true })

/** The same without. */
export const line = (points: readonly Point[], look: LineLook = "plain"): Piece =>
  at(points, { is: "line", points, look, arrow: false })

function at(points: readonly Point[], shape: Shape): Piece {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  const [x, y] = [Math.min(...xs), Math.min(...ys)]
  return { shapes: [shape], x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }
}

/** An arrow from one piece to another: to the right, to the left or down, whichever way the other lies. */
export function between(from: Piece, to: Piece, look: LineLook = "plain"): Piece {
  if (to.x >= from.x + from.width) return arrow(across(from, to, from.x + from.width, to.x), look)
  if (from.x >= to.x + to.width) return arrow(across(from, to, from.x, to.x + to.width), look)
  const x = Math.max(from.x, to.x) / 2 + Math.min(from.x + from.width, to.x + to.width) / 2
  return arrow(
    from.y < to.y
      ? [
          [x, bottomOf(from)],
          [x, to.y],
        ]
      : [
          [x, from.y],
          [x, bottomOf(to)],
        ],
    look,
  )
}

/** Level where both have something at one height, else in steps. */
function across(from: Piece, to: Piece, start: number, end: number): Point[] {
  const [top, low] = [Math.max(from.y, to.y), Math.min(bottomOf(from), bottomOf(to))]
  if (top < low)
    return [
      [start, (top + low) / 2],
      [end, (top + low) / 2],
    ]
  const middle = (start + end) / 2
  const [y0, y1] = [from.y + from.height / 2, to.y + to.height / 2]
  return [
    [start, y0],
    [middle, y0],
    [middle, y1],
    [end, y1],
  ]
}

/** Put a drawing together. What it says is for those who cannot see it. */
export function page(title: string, says: readonly string[], pieces: readonly Piece[]): Scene {
  const heading = paragraph(EDGE, 8, INNER, [title, "title"])
  return {
    title,
    says,
    width: WIDTH,
    height: bottom(heading, ...pieces) + EDGE,
    shapes: [...heading.shapes, ...pieces.flatMap(({ shapes }) => shapes)],
  }
}

/** What stands in place of a drawing that there is nothing for; or where its way ends, behind what could be drawn. */
export function sorry(title: string, why: string, pieces: readonly Piece[] = []): Scene {
  const [heading, y] =
    pieces.length > 0 ? ["✗ The way ends here", bottom(...pieces) + 16] : ["✗ There is nothing to draw", TOP]
  return page(title, [why], [...pieces, block([EDGE, y, INNER], heading, [why], "wrong")])
}
