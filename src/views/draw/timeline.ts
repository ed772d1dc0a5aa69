/**
 * The run at a glance: a lane for each ring, a bar where the machine was in it, signs above for what happened.
 * A long run gets two bands: the whole of it, and a close-up around the current step.
 */

import { lanesOf } from "../lanes"
import { MARK_KINDS, type MarkKind, type Timeline } from "../view"
import {
  type Band,
  bandHeight,
  drawBand,
  drawCursor,
  LANES_LEFT,
  LANES_RIGHT,
  type Run,
  stepInBand,
} from "./band"
import { countMarks, kindWord, SIGNS } from "./marks"
import { at, count, SANS, text } from "./svg"

/** A run of at most so many steps needs no close-up. */
const ONE_BAND = 120
/** Steps in a close-up. */
const CLOSE_UP = 60

/** A system call's sign stands above ring 0: the machine is in the kernel when the step is done. */
const LANES_SAY = "a step's lane is the ring after it"

const SIGN_ROWS: readonly (readonly MarkKind[])[] = [
  ["fault", "trap", "interrupt"],
  ["cr3", "port"],
]

/** A picture with its height in pixels. */
export interface Drawing {
  readonly svg: string
  readonly height: number
}

/** Draws the lanes of one run. What does not change from step to step is drawn once for each width. */
export class TimelinePicture {
  constructor(readonly timeline: Timeline) {
    this.counts = countMarks(timeline.marks)
    this.run = {
      timeline,
      rows: SIGN_ROWS.filter((kinds) => kinds.some((kind) => this.counts[kind] > 0)),
      lanes: lanesOf(timeline),
    }
  }

  /** Draw the lanes with `step` marked, as parts to be put one below the other. `width` in pixels. */
  draw(step: number, width: number): readonly Drawing[] {
    const bands = this.bands(step, width).flatMap((band) => [
      { svg: this.drawBand(band), height: 0 },
      { svg: drawCursor(this.run, band, step), height: bandHeight(this.run, band.thin) },
    ])
    return bands
  }

  /**
   * The step whose cell in the lanes is at a point, or null beside them. `x` and `y` in pixels from the corner of what
   * `draw` drew for the same step and width; without `y` the last band is meant.
   */
  stepAt(step: number, width: number, x: number, y?: number): number | null {
    const bands = this.bands(step, width)
    if (y === undefined) return stepInBand(bands[bands.length - 1], x)
    let top = 0
    for (const band of bands) {
      const bottom = top + bandHeight(this.run, band.thin)
      if (y >= top && y < bottom) return stepInBand(band, x)
      top = bottom
    }
    return null
  }

  private bands(step: number, pictureWidth: number): Band[] {
    const { steps } = this.timeline
    const width = pictureWidth - LANES_LEFT - LANES_RIGHT
    const whole = { first: 0, last: steps, width, title: "the whole run" }
    if (steps <= ONE_BAND) return [{ ...whole, thin: false }]
    const first = Math.max(0, Math.min(step - CLOSE_UP / 2, steps - CLOSE_UP))
    return [
      { ...whole, thin: true },
      { first, last: first + CLOSE_UP, width, thin: false, title: "close-up" },
    ]
  }

  /** The whole run takes long to draw and stays as it is; a close-up moves with the step. */
  private drawBand(band: Band): string {
    if (band.last - band.first < this.timeline.steps) return drawBand(this.run, band)
    if (this.whole?.width !== band.width) this.whole = { width: band.width, svg: drawBand(this.run, band) }
    return this.whole.svg
  }

  /** What the signs mean and how many there are; the lines wrap at the width. */
  drawLegend(width: number): Drawing {
    const { counts } = this
    const kinds = MARK_KINDS.filter((kind) => kind !== "ring" && counts[kind] > 0)
    let x = LANES_LEFT + 6
    let y = 12
    let svg = ""
    const entries = kinds.map((kind) => {
      const label = `${kindWord(kind, this.timeline.marks)} × ${count(counts[kind])}`
      return [SIGNS[kind].shape, label] as const
    })
    for (const [shape, label] of [...entries, ["", LANES_SAY] as const]) {
      const space = label.length * SANS + 34
      if (x > LANES_LEFT + 6 && x + space > width) [x, y] = [LANES_LEFT + 6, y + 20]
      svg += at(x, y - 4, shape) + text(x + (shape ? 12 : -6), y, label, "rl-note")
      x += space
    }
    return { svg, height: y + 10 }
  }

  private readonly counts: Record<MarkKind, number>
  private readonly run: Run
  private whole: { width: number; svg: string } | null = null
}
