/** What a reader would see at once in a diagram: words over words, words out of their box, arrows through words. */
import { widthOf } from "../../../src/views/diagrams/look"
import type { BoxShape, LineShape, Scene, Shape, TextShape } from "../../../src/views/diagrams/scene"

interface Area {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const areaOfBox = ({ x, y, width, height }: BoxShape): Area => ({
  left: x,
  right: x + width,
  top: y,
  bottom: y + height,
})

/** Letters reach a little below their baseline. */
export function areaOfText({ x, y, text, look, anchor }: TextShape): Area {
  const width = widthOf(text, look)
  const left = anchor === "middle" ? x - width / 2 : anchor === "end" ? x - width : x
  return { left, right: left + width, top: y - 10, bottom: y + 3 }
}

const meet = (a: Area, b: Area) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
const holds = (a: Area, b: Area) =>
  a.left <= b.left && a.right >= b.right && a.top <= b.top && a.bottom >= b.bottom

const isText = (shape: Shape): shape is TextShape => shape.is === "text"
const isBox = (shape: Shape): shape is BoxShape => shape.is === "box"
const isLine = (shape: Shape): shape is LineShape => shape.is === "line"

/** Everything that is wrong, in words. */
export function mistakesIn({ width, height, shapes }: Scene): string[] {
  const texts = shapes.filter(isText).map((shape) => ({ text: shape.text, area: areaOfText(shape) }))
  const boxes = shapes.filter(isBox).map(areaOfBox)
  const strokes = shapes.filter(isLine).flatMap(strokesOf)
  const paper = { left: 0, right: width, top: 0, bottom: height }
  return [
    ...texts.filter(({ area }) => !holds(paper, area)).map(({ text }) => `“${text}” leaves the picture`),
    ...boxes.filter((box) => !holds(paper, box)).map((box) => `a box at ${box.left} leaves the picture`),
    ...texts.flatMap(({ text, area }, n) =>
      texts
        .slice(n + 1)
        .flatMap((other) => (meet(area, other.area) ? [`“${text}” over “${other.text}”`] : [])),
    ),
    ...texts.flatMap(({ text, area }) =>
      boxes.flatMap((box) => (meet(area, box) && !holds(box, area) ? [`“${text}” leaves its box`] : [])),
    ),
    ...texts.flatMap(({ text, area }) =>
      strokes.flatMap((stroke) => (meet(area, stroke) ? [`a line runs through “${text}”`] : [])),
    ),
  ]
}

/** A line as small areas along it. */
function strokesOf({ points }: LineShape): Area[] {
  return points.slice(1).flatMap(([x1, y1], n) => {
    const [x0, y0] = points[n]
    const count = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / 2))
    return Array.from({ length: count + 1 }, (_, i) => {
      const [x, y] = [x0 + ((x1 - x0) * i) / count, y0 + ((y1 - y0) * i) / count]
      return { left: x - 1, right: x + 1, top: y - 1, bottom: y + 1 }
    })
  })
}
