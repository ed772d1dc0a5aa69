/**
 * A diagram as plain data: boxes, texts and arrows at their places. A diagram's file says what there is to see; what it becomes here is
 * small enough to look at, to measure in a test, to carry in a notebook, and to be drawn by one function in a cell and on the page.
 * Units are those of a picture 700 wide.
 */

/** How a box looks; what is `hot` is the point, what is `wrong` is what goes wrong, and both differ from others by more than colour. */
export const BOX_LOOKS = ["plain", "tint", "hot", "wrong", "ring0", "ring1", "ring2", "ring3"] as const
/** How a text looks. `mono` is for what a machine holds. */
export const TEXT_LOOKS = ["title", "head", "text", "note", "mono", "strong", "bits"] as const
/** How a line looks. */
export const LINE_LOOKS = ["plain", "hot", "wrong"] as const

export type BoxLook = (typeof BOX_LOOKS)[number]
export type TextLook = (typeof TEXT_LOOKS)[number]
export type LineLook = (typeof LINE_LOOKS)[number]
export type Point = readonly [x: number, y: number]

/** A rectangle. */
export interface BoxShape {
  readonly is: "box"
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly look: BoxLook
}

/** Words, with their baseline at `y`. */
export interface TextShape {
  readonly is: "text"
  readonly x: number
  readonly y: number
  readonly text: string
  readonly look: TextLook
  readonly anchor?: "middle" | "end"
}

/** A line through some points, with an arrowhead at its end or none. */
export interface LineShape {
  readonly is: "line"
  readonly points: readonly Point[]
  readonly look: LineLook
  readonly arrow: boolean
}

/** The upper right quarter of an ellipse whose middle is at `x`, `y`. */
export interface QuarterShape {
  readonly is: "quarter"
  readonly x: number
  readonly y: number
  /** Half of the ellipse's width and height. */
  readonly across: number
  readonly up: number
  readonly look: BoxLook
}

export type Shape = BoxShape | TextShape | LineShape | QuarterShape

/** A whole diagram. */
export interface Scene {
  /** Stands above it. */
  readonly title: string
  /** What it shows, in sentences, for those who cannot see it. */
  readonly says: readonly string[]
  /** From 0 at the left. */
  readonly width: number
  /** From 0 at the top. */
  readonly height: number
  /** What lies behind comes first. */
  readonly shapes: readonly Shape[]
}
