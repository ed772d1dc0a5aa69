/** Saves a notebook soon after an answer was put into it, so that another tab, or a reload, finds the answer there. */
import type { ISignal } from "@lumino/signaling"

/** What can be saved. */
export interface Saved {
  readonly isDisposed: boolean
  /** "started" when JupyterLab begins to save, something else when it has ended. */
  readonly saveState: ISignal<unknown, string>
  save(): Promise<void>
}

/** Milliseconds after the last change. JupyterLab by itself saves whatever has changed every two minutes. */
const SOON = 1500

/** Saves once for many changes that follow one another, and never while the notebook is being saved: the two would see a conflict. */
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
    this.isSaving = isSaving
    if (isSaving) this.isPending = false
    else if (this.isPending) this.soon()
  }

  private save(): void {
    if (!this.notebook.isDisposed && this.isPending && !this.isSaving) this.notebook.save().catch(() => {}) // JupyterLab tells why not
  }

  private isPending = false
  private isSaving = false
  private timer: ReturnType<typeof setTimeout> | undefined
}
