import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application"
import type { DocumentRegistry } from "@jupyterlab/docregistry"
import { IRenderMimeRegistry } from "@jupyterlab/rendermime"
import type { Widget } from "@lumino/widgets"
import type { OpenNotebook } from "../course/notebook"
import { INotebooks } from "../course/notebooks"
import { Hand } from "../predict/hand"
import { onMarkdown } from "../predict/markdown"
import type { Panel } from "../predict/panel"
import { Predictions } from "../predict/predictions"

/** Takes a reader's guess before a cell runs, and shows it beside what happened. */
export const predictPlugin: JupyterFrontEndPlugin<void> = {
  id: "ringlab-lessons:predict",
  description: "Asks what a cell will do before it runs, and shows the guess beside its output.",
  autoStart: true,
  requires: [IRenderMimeRegistry, INotebooks],
  activate: (app: JupyterFrontEnd, rendermime: IRenderMimeRegistry, notebooks: INotebooks) => {
    const open = new Map<Panel, Predictions>()
    onMarkdown(rendermime, (text) => {
      for (const [panel, predictions] of open) if (panel.node.contains(text)) predictions.adopt(text)
    })
    app.docRegistry.addWidgetExtension("Notebook", {
      createNew(widget: Widget, context: DocumentRegistry.Context) {
        const panel = widget as Panel
        const progress = notebooks.open(context as unknown as OpenNotebook)
        open.set(panel, new Predictions(panel, progress, new Hand(app, panel)))
        panel.disposed.connect(() => open.delete(panel))
      },
    })
  },
}
