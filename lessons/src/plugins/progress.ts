import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application"
import type { DocumentRegistry } from "@jupyterlab/docregistry"
import { IStateDB } from "@jupyterlab/statedb"
import type { Widget } from "@lumino/widgets"
import type { OpenNotebook } from "../course/notebook"
import { INotebooks, Notebooks } from "../course/notebooks"
import { IProgress, Progress } from "../course/progress"

/** Provides the memory of exercises that are in no notebook, and of those from before notebooks kept them. */
export const progressPlugin: JupyterFrontEndPlugin<IProgress> = {
  id: "ringlab-lessons:progress",
  description: "Remembers which exercises are solved.",
  autoStart: true,
  provides: IProgress,
  optional: [IStateDB],
  activate: (_app, state: IStateDB | null) => new Progress(state),
}

/** Provides what each open notebook keeps of its student. */
export const notebooksPlugin: JupyterFrontEndPlugin<INotebooks> = {
  id: "ringlab-lessons:notebooks",
  description: "Keeps answers to exercises in their notebook.",
  autoStart: true,
  provides: INotebooks,
  requires: [IProgress],
  activate: (app: JupyterFrontEnd, before: IProgress) => {
    const notebooks = new Notebooks(before as Progress)
    app.docRegistry.addWidgetExtension("Notebook", {
      createNew(_: Widget, context: DocumentRegistry.Context) {
        notebooks.open(context as unknown as OpenNotebook)
      },
    })
    return notebooks
  },
}
