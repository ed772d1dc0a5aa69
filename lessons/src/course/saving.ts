/** Saves a notebook soon after an answer was put into it, so that another tab, or a reload, finds the answer there. */
import type { ISignal } from "@lumino/signaling"

/** What can be saved. */
export interface Saved {
  readonly isDisposed: boolean
  /** "started" when JupyterLab begins to save, something else when it has ended. */
  readonly saveState: ISignal<unknown, string>
  /** Milliseconds by which the file may be newer than the notebook knows, before JupyterLab asks the reader about a conflict. */
  lastModifiedCheckMargin: number
  save(): Promise<void>
}

/** Milliseconds after the last change. JupyterLab by itself saves whatever has changed every two minutes. */
const SOON = 1500

/**
 * Saves once for many changes that follow one another, and never while the notebook is being saved: the two would see a conflict. A reader
 * who saves while this does would be asked about it, too: until both are through, the file may be as new as it is.
 */
export class Saving {
  constructor(private readonly notebook: Saved) {
    notebook.saveState.connect((_, state) => this.heard(state === "started"))
  }

  /** Save the notebook soon, unless somebody else does by then. */
  soon(): void {
    this.isPending = true
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), SOON)
  }

  /** What was changed before a save goes along with it. */
  private heard(isSaving: boolean): void {
    this.underWay = Math.max(0, this.underWay + (isSaving ? 1 : -1))
    if (isSaving) this.isPending = false
    else if (this.underWay === 0) this.ended()
  }

  private ended(): void {
    if (this.margin !== undefined) this.notebook.lastModifiedCheckMargin = this.margin
    this.margin = undefined
    if (this.isPending) this.soon()
  }

  private save(): void {
    const { notebook } = this
    if (notebook.isDisposed || !this.isPending || this.underWay > 0) return
    this.margin = notebook.lastModifiedCheckMargin
    notebook.lastModifiedCheckMargin = Number.POSITIVE_INFINITY
    notebook.save().catch(() => {}) // JupyterLab tells why not
  }

  private isPending = false
  /** Saves that have begun and not ended. */
  private underWay = 0
  /** What the notebook's margin was before the save that this began. */
  private margin: number | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
}
