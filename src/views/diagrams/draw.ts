/** A diagram as SVG: one string, with its style inside, for a cell's HTML, for the page and for a file. */
import { escapeText } from "../draw/svg"
import { DIAGRAM_STYLE } from "./look"
import type { BoxShape, LineShape, Point, QuarterShape, Scene, Shape, TextShape } from "./scene"

/** Draw a diagram: as wide as its place, but no wider than can be read at a glance, and no narrower than can be read at all. */
export function drawDiagram({ title, says, width, height, shapes }: Scene): string {
  const place = `width:100%;max-width:${WIDEST}px;min-width:${NARROWEST}px;height:auto;display:block`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" role="img" class="rl-diagram" style="${place}">`,
    `<title>${escapeText(title)}</title><desc>${escapeText(says.join(" "))}</desc>`,
    `<style>${DIAGRAM_STYLE}</style>`,
    `<rect class="d-paper" width="${round(width)}" height="${round(height)}"/>`,
    ...shapes.map(drawShape),
    "</svg>",
  ].join("\n")
}

const WIDEST = 900
const NARROWEST = 560

function drawShape(shape: Shape): string {
  switch (shape.is) {
    case "box":
      return drawBox(shape)
    case "text":
      return drawText(shape)
    case "line":
      return drawLine(shape)
    case "quarter":
      return drawQuarter(shape)
  }
}

const drawBox = ({ x, y, width, height, look }: BoxShape) =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="4" class="d-box-${look}"/>`

function drawText({ x, y, text, look, anchor }: TextShape): string {
  const where = anchor ? ` text-anchor="${anchor}"` : ""
  return `<text x="${round(x)}" y="${round(y)}" class="d-text-${look}"${where}>${escapeText(text)}</text>`
}

function drawQuarter({ x, y, across, up, look }: QuarterShape): string {
  const arc = `a${round(across)} ${round(up)} 0 0 1 ${round(across)} ${round(up)}`
  return `<path d="M${round(x)} ${round(y)}v${round(-up)}${arc}z" class="d-box-${look}"/>`
}

/** An arrow's line ends inside its head, so that the tip is sharp. */
function drawLine({ points, look, arrow }: LineShape): string {
  const last = points.length - 1
  const shown = arrow ? [...points.slice(0, last), beforeTip(points)] : points
  const path = shown.map(([x, y], n) => `${n === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("")
  return `<path d="${path}" class="d-line-${look}"/>${arrow ? drawHead(points, look) : ""}`
}

const HEAD = 10

/** The direction in which a line ends, one long. */
function direction(points: readonly Point[]): Point {
  const [[x0, y0], [x1, y1]] = points.slice(-2)
  const length = Math.hypot(x1 - x0, y1 - y0) || 1
  return [(x1 - x0) / length, (y1 - y0) / length]
}

function beforeTip(points: readonly Point[]): Point {
  const [dx, dy] = direction(points)
  const [x, y] = points[points.length - 1]
  return [x - dx * (HEAD - 2), y - dy * (HEAD - 2)]
}

function drawHead(points: readonly Point[], look: string): string {
  const [dx, dy] = direction(points)
  const [x, y] = points[points.length - 1]
  const side = (sign: number) =>
    `${round(x - dx * HEAD - sign * dy * 5)} ${round(y - dy * HEAD + sign * dx * 5)}`
  return `<path d="M${round(x)} ${round(y)}L${side(1)}L${side(-1)}z" class="d-head-${look}"/>`
}

const round = (value: number) => Math.round(value * 10) / 10
