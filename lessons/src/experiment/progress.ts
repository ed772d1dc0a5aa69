/** How far a computation is, and a button that cancels it. Shown when it takes a moment, so that nothing flickers. */
import { button, h } from "../dom"

/** Milliseconds after which a reader wants to know that something is being computed. */
const NOTICEABLE = 400

/** What is said of a computation, and what its button says. */
export interface ProgressWords {
  readonly doing: string
  readonly done: string
  readonly cancel: string
  readonly cancels: string
}

const COMPUTING: ProgressWords = {
  doing: "Computing …",
  done: "Computed",
  cancel: "Cancel",
  cancels: "Cancel the computation (Esc)",
}

export class ProgressBar {
  /** @param cancel pressed by the reader, when the computation has told how far it is: else it could not be cancelled */
  constructor(
    cancel: () => void,
    private readonly words = COMPUTING,
  ) {
    this.cancel = button(words.cancel, words.cancels, cancel)
    this.bar.setAttribute("aria-label", words.done)
    this.node.append(this.doing, this.bar, this.cancel)
    this.refresh()
  }

  readonly node = h("div", { class: "rl-toolbar rl-progress" })

  /** Can the reader cancel now? */
  get offersCancel(): boolean {
    return !this.cancel.hidden
  }

  /** A computation begins, if none is under way. */
  begin(): void {
    if (this.timer !== undefined) return
    this.timer = setTimeout(() => {
      this.doing.textContent = this.words.doing
      this.refresh()
    }, NOTICEABLE)
  }

  /** It has done so many parts. */
  readonly tell = (done: number, of: number): void => {
    const percent = of > 0 ? Math.round((100 * Math.min(done, of)) / of) : 0
    this.bar.setAttribute("aria-valuenow", String(percent))
    this.filled.style.width = `${percent}%`
    this.told = true
    this.refresh()
  }

  /** It is over, one way or another. */
  end(): void {
    if (this.timer === undefined) return
    clearTimeout(this.timer)
    this.timer = undefined
    this.doing.textContent = ""
    this.told = false
    this.refresh()
  }

  private refresh(): void {
    const noticed = this.doing.textContent !== ""
    this.bar.hidden = this.cancel.hidden = !(noticed && this.told)
  }

  /** Announced once: the bar itself tells readers of the screen how far it is when they ask. */
  private readonly doing = h("span", { role: "status" })
  private readonly filled = h("span")
  private readonly bar = h(
    "span",
    {
      class: "rl-bar",
      role: "progressbar",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-valuenow": 0,
    },
    this.filled,
  )
  private readonly cancel: HTMLButtonElement
  private told = false
  private timer: ReturnType<typeof setTimeout> | undefined
}
