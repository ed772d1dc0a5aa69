/** Says aloud what a step did, once the reader rests on it. */
import { h } from "../dom"

/** Milliseconds of rest before a step is read out. */
const ANNOUNCE_AFTER = 350

export class Announcer {
  readonly node = h("div", { class: "rl-unseen", "aria-live": "polite" })

  /** Say what is told of the step that is shown, unless it is the first one or was said already. */
  tell(sentence: string): void {
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
