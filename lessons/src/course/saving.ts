/** Saves a notebook soon after an answer was put into it, so that another tab, or a reload, finds the answer there. */

/** What can be saved. */
export interface Saved {
  readonly isDisposed: boolean
  readonly model: { readonly dirty: boolean }
  save(): Promise<void>
}

/** Milliseconds after the last change. JupyterLab by itself saves whatever has changed every two minutes. */
const SOON = 1500

/** Saves once for many changes that follow one another. */
export class Saving {
  constructor(private readonly notebook: Saved) {}

  /** Save the notebook soon, unless somebody else has by then. */
  soon(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), SOON)
  }

  private save(): void {
    const { isDisposed, model } = this.notebook
    if (!isDisposed && model.dirty) this.notebook.save().catch(() => {}) // JupyterLab tells why not
  }

  private timer: ReturnType<typeof setTimeout> | undefined
}
