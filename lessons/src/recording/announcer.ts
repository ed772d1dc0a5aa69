/** Says aloud what a step did, once the reader rests on it. */
import { faultWord, inRing } from "ringlab"
import { h } from "../dom"
import type { RecordingModel } from "./model"

/** Milliseconds of rest before a step is read out. */
const ANNOUNCE_AFTER = 350

export class Announcer {
  readonly node = h("div", { class: "rl-unseen", "aria-live": "polite" })

  /** Say the step that is shown, unless it is the first one or was said already. */
  tell({ frame, timeline }: RecordingModel): void {
    const { fault } = frame
    const why = fault ? ` ${faultWord(fault.name)} ${fault.name}: ${fault.says}` : ""
    const where = inRing(timeline, frame.ring)
    const sentence = `Step ${frame.step} of ${timeline.steps}, ${where}. ${frame.sentence}${why}`
    if (sentence === this.said) return
    const first = this.said === ""
    this.said = sentence
    clearTimeout(this.waiting)
    if (first) return
    this.waiting = setTimeout(() => {
      this.node.textContent = sentence
    }, ANNOUNCE_AFTER)
  }

  dispose(): void {
    clearTimeout(this.waiting)
  }

  private waiting: ReturnType<typeof setTimeout> | undefined
  private said = ""
}
