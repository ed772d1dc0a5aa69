/** Looks at a diagram that comes from a notebook: nobody vouches for it. Afterwards it can be drawn. */
import { type Check, check } from "../check"
import { BOX_LOOKS, LINE_LOOKS, type Scene, type Shape, TEXT_LOOKS } from "./scene"

export type { Scene }

const { list, number, object, oneOf, text, truth, tuple } = check
const place = number(-1e4, 1e4)
const size = number(0, 1e4)
const boxLook = oneOf(...BOX_LOOKS)

const SHAPES: Readonly<Record<Shape["is"], Check>> = {
  box: object({ x: place, y: place, width: size, height: size, look: boxLook }),
  text: object({
    x: place,
    y: place,
    text: text(),
    look: oneOf(...TEXT_LOOKS),
    "anchor?": oneOf("middle", "end"),
  }),
  line: object({ points: list(tuple(place, place), 100), look: oneOf(...LINE_LOOKS), arrow: truth }),
  quarter: object({ x: place, y: place, across: size, up: size, look: boxLook }),
}

const shape: Check = (value, where) => {
  object({ is: oneOf(...Object.keys(SHAPES)) })(value, where)
  SHAPES[(value as Shape).is](value, where)
}

/** Look at a diagram. @throws Malformed naming the place that is wrong */
export const checkScene: Check = object({
  title: text(),
  says: list(text(), 100),
  width: size,
  height: size,
  shapes: list(shape, 2000),
})
