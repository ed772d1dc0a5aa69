/** Saves a notebook soon after an answer was put into it, so that another tab, or a reload, finds the answer there. */

/** What can be saved. */
export interface Saved {
  readonly isDisposed: boolean
  save(): Promise<void>
}

/** Milliseconds after the last change. JupyterLab by itself saves whatever has changed every two minutes. */
const SOON = 1500

/**
 * Saves once for many changes that follow one another, and lets each save of the notebook wait for the one before, whoever asks for it.
 * JupyterLab lets one overtake another, finds the file other than it knew it, and asks readers about a conflict with themselves.
 */
export class Saving {
  /** From now on the notebook's own `save`, which JupyterLab calls, waits, too. */
  constructor(private readonly notebook: Saved) {
    const save = notebook.save.bind(notebook)
    const begin = () => {
      clearTimeout(this.timer) // what was changed before goes along
      return save()
    }
    notebook.save = () => {
      this.last = this.last.then(begin, begin)
      return this.last
    }
  }

  /** Save the notebook soon, unless somebody else does by then. */
  soon(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), SOON)
  }

  private save(): void {
    if (!this.notebook.isDisposed) this.notebook.save().catch(() => {}) // JupyterLab tells why not
  }

  /** The last save that was asked for. */
  private last = Promise.resolve()
  private timer: ReturnType<typeof setTimeout> | undefined
}
