/** What a recording's widget draws by: one recording, or two as one picture. */
import {
  compared,
  type Difference,
  type Frame,
  faultWord,
  inRing,
  LANE_ENDS,
  PAIR_ENDS,
  PairPicture,
  type PartsOptions,
  type PictureParts,
  RunPicture,
} from "ringlab"
import type { RecordingModel } from "./model"
import type { PairModel } from "./pair-model"

export interface Drawer {
  /** What the picture depends on: it is drawn again only if one of these is another. Undefined: there is nothing whole to be drawn now. */
  shown(): readonly unknown[] | undefined
  parts(options: PartsOptions): PictureParts
  /** Where the slider's way begins and ends, in pixels from the picture's edges. */
  readonly ends: { readonly left: number; readonly right: number }
  /** What is read out of the step that is shown. */
  says(): string
  /** Go to the step whose cell in the lanes, drawn for `step`, is at a point. @returns false if there is none */
  goToPoint(step: number, width: number, x: number, y: number): boolean
}

/** Draws one recording. */
export class RunDrawer implements Drawer {
  readonly ends = LANE_ENDS

  constructor(private readonly model: RecordingModel) {
    this.picture = new RunPicture(model.timeline)
  }

  shown(): readonly unknown[] {
    const { frame, timeline } = this.model
    return [frame, timeline]
  }

  parts(options: PartsOptions): PictureParts {
    const { frame, timeline } = this.model
    if (this.picture.timeline !== timeline) this.picture = new RunPicture(timeline)
    return this.picture.parts(frame, options)
  }

  says(): string {
    const { frame, timeline } = this.model
    const { fault } = frame
    const why = fault ? ` ${faultWord(fault.name)} ${fault.name}: ${fault.says}` : ""
    return `Step ${frame.step} of ${timeline.steps}, ${inRing(timeline, frame.ring)}. ${frame.sentence}${why}`
  }

  goToPoint(step: number, width: number, x: number, y: number): boolean {
    const found = this.picture.stepAt(step, width, x, y)
    if (found !== null) this.model.goTo(found)
    return found !== null
  }

  private picture: RunPicture
}

/** Draws two recordings as one picture. */
export class PairDrawer implements Drawer {
  readonly ends = PAIR_ENDS

  constructor(private readonly model: PairModel) {
    this.picture = this.makePicture()
  }

  shown(): readonly unknown[] | undefined {
    const { frames, timeline, other } = this.model
    return frames && [...frames, timeline, other.timeline]
  }

  parts(options: PartsOptions): PictureParts {
    const [left, right] = this.picture.sides
    const { timeline, other } = this.model
    if (left.timeline !== timeline || right.timeline !== other.timeline) this.picture = this.makePicture()
    const [frames, found] = this.now()
    return this.picture.parts(frames, options, found)
  }

  says(): string {
    const [frames, found] = this.now()
    return this.picture.inWords(compared(...frames, found))
  }

  goToPoint(_: number, width: number, x: number, y: number): boolean {
    const { frame, other } = this.model
    const found = this.picture.stepAt([frame.step, other.frame.step], width, x, y)
    if (found?.side === 0) this.model.goTo(found.step)
    if (found?.side === 1) this.model.goToOther(found.step)
    return found !== null
  }

  private now(): readonly [readonly [Frame, Frame], readonly Difference[]] {
    const { frame, other } = this.model
    const frames = [frame, other.frame] as const
    return [frames, this.model.differences(frames)]
  }

  private makePicture(): PairPicture {
    const { names, timeline, other } = this.model
    return new PairPicture([
      { name: names[0], timeline },
      { name: names[1], timeline: other.timeline },
    ])
  }

  private picture: PairPicture
}
