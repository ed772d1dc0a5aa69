/** Saves a notebook soon after an answer was put into it, so that another tab, or a reload, finds the answer there. */
import type { ISignal } from "@lumino/signaling"

/** What can be saved. */
export interface Saved {
  readonly isDisposed: boolean
  readonly model: { readonly dirty: boolean; readonly contentChanged: ISignal<unknown, void> }
  save(): Promise<void>
}

/** Milliseconds after the last change. */
const SOON = 1500

/** A notebook that its reader has changed, too, is the reader's to save. */
export class Saving {
  constructor(private readonly notebook: Saved) {
    notebook.model.contentChanged.connect(() => {
      if (!this.changing) this.hasOthers = true
    })
  }

  /** Change the notebook, and save it soon if nothing else in it has changed. */
  change(change: () => void): void {
    if (!this.notebook.model.dirty) this.hasOthers = false
    this.changing = true
    try {
      change()
    } finally {
      this.changing = false
    }
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), SOON)
  }

  private save(): void {
    const { isDisposed, model } = this.notebook
    if (!isDisposed && model.dirty && !this.hasOthers) this.notebook.save().catch(() => {}) // JupyterLab tells why not
  }

  private changing = false
  private hasOthers = true
  private timer: ReturnType<typeof setTimeout> | undefined
}
