/** The notebooks that are open, each with its progress. */
import { Token } from "@lumino/coreutils"
import { type ISignal, Signal } from "@lumino/signaling"
import { NotebookProgress, type OpenNotebook } from "./notebook"
import type { Progress } from "./progress"

/** Knows the open notebooks. */
export interface INotebooks {
  /** A notebook was opened or closed, has another path, or keeps something else. Carries its path; empty if it was closed. */
  readonly changed: ISignal<INotebooks, string>
  /** The progress of a notebook, also where several views show it. */
  open(notebook: OpenNotebook): NotebookProgress
  /** The progress of the open notebook at a path. */
  at(path: string): NotebookProgress | undefined
}

export const INotebooks = new Token<INotebooks>(
  "ringlab-lessons:INotebooks",
  "The open notebooks, and what each keeps of its student.",
)

export class Notebooks implements INotebooks {
  readonly changed: Signal<INotebooks, string> = new Signal<INotebooks, string>(this)

  constructor(private readonly before: Progress) {}

  open(notebook: OpenNotebook): NotebookProgress {
    const known = this.all.get(notebook)
    if (known) return known
    const progress = new NotebookProgress(notebook, this.before)
    this.all.set(notebook, progress)
    const tell = () => this.changed.emit(notebook.path)
    progress.changed.connect(tell)
    notebook.pathChanged.connect(tell)
    void notebook.ready.then(tell, () => {}) // JupyterLab tells what could not be read
    notebook.disposed.connect(() => {
      this.all.delete(notebook)
      this.changed.emit("")
    })
    return progress
  }

  at(path: string): NotebookProgress | undefined {
    return [...this.all].find(([notebook]) => notebook.path === path)?.[1]
  }

  private readonly all = new Map<OpenNotebook, NotebookProgress>()
}
