/**
 * One function draws a view as SVG. The renderer calls it for every frame that it shows, the kernel once for the
 * static fallback; both get the same picture.
 */

import { inRing } from "../lanes"
import type { Frame, Timeline } from "../view"
import { LANES_LEFT, LANES_RIGHT } from "./band"
import type { Folds } from "./fold"
import { layPanels } from "./layout"
import type { Panel } from "./panel"
import { drawSaying } from "./saying"
import { DRAW_STYLE } from "./style"
import { at, box, escapeText, text } from "./svg"
import { type Drawing, TimelinePicture } from "./timeline"
import { drawWatches } from "./watches"

/** How to draw. */
export interface DrawOptions {
  /** Width in pixels of the whole picture, 320 or more; the panels flow in one, two or three columns. */
  readonly width: number
  /** A heading above the lanes. */
  readonly title?: string
  /** Put the style sheet into the picture, so that it stands alone; true unless said otherwise. */
  readonly style?: boolean
}

/** How to draw a picture that a reader opens and closes parts of; its style sheet is the page's. */
export interface PartsOptions {
  /** Width in pixels, 320 or more. */
  readonly width: number
  /** Parts that the reader has opened or closed; the others are open where the step has to do with them. */
  readonly folds: Folds
}

/** Pixels. */
export const LEAST_WIDTH = 320
/** Pixels around a picture. */
export const PADDING = 12

/** Where the lanes begin and end, in pixels from the left and from the right edge of a picture. */
export const LANE_ENDS = { left: PADDING + LANES_LEFT, right: PADDING + LANES_RIGHT } as const

/**
 * Draw one frame of a run as one SVG element: the lanes with the frame's step marked, what the step did in words,
 * and the machine after it. Every text in it is escaped. For many frames of one run make a `RunPicture`.
 */
export function drawFrame(timeline: Timeline, frame: Frame, options: DrawOptions): string {
  return pictureText(new RunPicture(timeline).draw(frame, options))
}

/** A picture as text, in pieces: who has drawn one before it redraws only the blocks that differ. */
export interface Picture {
  /** The `svg` element's start tag and what stands behind everything. */
  readonly open: string
  /** One `g` element each, in its place. */
  readonly blocks: readonly string[]
}

/** The text of a picture: one `svg` element. */
export const pictureText = ({ open, blocks }: Picture): string => `${open}${blocks.join("")}</svg>`

/** The parts of a frame's picture, from above. */
export interface PictureParts {
  /** The run at a glance, with the step marked. */
  readonly lanes: Picture
  /** What the step did, in words. */
  readonly saying: Picture
  /** The machine after the step. */
  readonly panels: Picture
}

/** Draws the frames of one run; keeps what they have in common. */
export class RunPicture {
  /** @param timeline the run whose frames are to be drawn */
  constructor(readonly timeline: Timeline) {
    this.lanes = new TimelinePicture(timeline)
  }

  /** Draw one frame; see `drawFrame`. */
  draw(frame: Frame, options: DrawOptions): Picture {
    const width = Math.max(LEAST_WIDTH, options.width)
    const inner = width - 2 * PADDING
    const head = pile(PADDING, PADDING, [
      drawTitle(options.title),
      ...this.lanes.draw(frame.step, inner),
      this.lanes.drawLegend(inner),
      drawSaying(this.timeline, frame, inner),
    ])
    const columns = drawColumns(frame, { top: head.bottom + 8, width: inner })
    const label = `${options.title ? `${options.title}. ` : ""}${this.label(frame)}`
    return picture([head, ...columns], {
      width,
      label,
      below: PADDING,
      style: options.style === false ? "" : `<style>${DRAW_STYLE}</style>`,
    })
  }

  /** Draw one frame in parts that a page may put in different places. */
  parts(frame: Frame, { width: wanted, folds }: PartsOptions): PictureParts {
    const width = Math.max(LEAST_WIDTH, wanted)
    const inner = width - 2 * PADDING
    const lanes = pile(PADDING, 0, this.lanes.draw(frame.step, inner))
    const saying = pile(PADDING, 0, [drawSaying(this.timeline, frame, inner)])
    const panels = drawColumns(frame, { top: 0, width: inner, folds })
    return {
      lanes: picture([lanes], { width, label: `The run at a glance, step ${frame.step} marked` }),
      saying: picture([saying], { width, label: this.label(frame) }),
      panels: picture(panels, { width, label: `The machine after step ${frame.step}` }),
    }
  }

  private label({ step, ring, sentence }: Frame): string {
    return `Step ${step}, ${inRing(this.timeline, ring)}. ${sentence}`
  }

  /**
   * The step whose cell in the lanes is at a point, or null beside them. `x` and `y` in pixels from the corner
   * of the lanes that were drawn for `step` and `width`; without `y` the lowest band is meant.
   */
  stepAt(step: number, width: number, x: number, y?: number): number | null {
    return this.lanes.stepAt(step, Math.max(LEAST_WIDTH, width) - 2 * PADDING, x - PADDING, y)
  }

  private readonly lanes: TimelinePicture
}

/** Drawings that stand in their places. */
export interface Pile {
  readonly blocks: readonly string[]
  /** In pixels from the top of the picture. */
  readonly bottom: number
}

/** Put drawings one below the other. */
export function pile(x: number, y: number, parts: readonly (Drawing | Panel | null)[]): Pile {
  let bottom = y
  const blocks: string[] = []
  for (const part of parts) {
    if (part === null) continue
    blocks.push(at(x, bottom, part.svg))
    bottom += part.height
  }
  return { blocks, bottom }
}

interface Around {
  readonly width: number
  readonly label: string
  /** Pixels that stay free below. */
  readonly below?: number
  readonly style?: string
}

/** Make one picture of drawings that stand in their places. */
export function picture(piles: readonly Pile[], { width, label, below = 0, style = "" }: Around): Picture {
  const height = Math.ceil(Math.max(...piles.map(({ bottom }) => bottom)) + below)
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  return {
    open:
      `<svg xmlns="http://www.w3.org/2000/svg" class="rl" ${size} style="max-width:100%;height:auto" role="figure" aria-label="${escapeText(label)}">` +
      `${style}${box(0, 0, width, height, "rl-paper")}`,
    blocks: piles.flatMap(({ blocks }) => blocks),
  }
}

const drawTitle = (title: string | undefined): Drawing =>
  title ? { svg: text(0, 14, title, "rl-title"), height: 32 } : { svg: "", height: 0 }

interface Place {
  readonly top: number
  readonly width: number
  readonly folds?: Folds
}

/** What is watched, over the whole width, and the columns below. */
function drawColumns(frame: Frame, { top, width, folds }: Place): Pile[] {
  const watches = pile(PADDING, top, frame.watches ? [drawWatches(frame.watches, width)] : [])
  const columns = layPanels(frame, width, folds).map(({ x, panels }) =>
    pile(PADDING + x, watches.bottom, panels),
  )
  return [watches, ...columns]
}
