/** How far a computation is, and a button that cancels it. Shown when it takes a moment, so that nothing flickers. */
import { button, h } from "../dom"

/** Milliseconds after which a reader wants to know that something is being computed. */
const NOTICEABLE = 400

export class ProgressBar {
  /** @param cancel pressed by the reader, when the computation has told how far it is: else it could not be cancelled */
  constructor(cancel: () => void) {
    this.cancel = button("Cancel", "Cancel the computation (Esc)", cancel)
    this.node.append(this.doing, this.bar, this.cancel)
    this.refresh()
  }

  readonly node = h("div", { class: "rl-toolbar rl-progress" })

  /** Can the reader cancel now? */
  get offersCancel(): boolean {
    return !this.cancel.hidden
  }

  /** A computation begins. */
  begin(): void {
    this.timer = setTimeout(() => {
      this.doing.textContent = "Computing …"
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
    clearTimeout(this.timer)
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
      "aria-label": "Computed",
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
