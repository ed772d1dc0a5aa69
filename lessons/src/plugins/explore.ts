import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application"
import type { DocumentRegistry } from "@jupyterlab/docregistry"
import { IRenderMimeRegistry } from "@jupyterlab/rendermime"
import type { Widget } from "@lumino/widgets"
import { EXPLORE_TYPE } from "ringlab"
import type { NotebookSession } from "../explore/line"
import { ExploreRenderer } from "../explore/renderer"

/** What a notebook panel is to us: each has a renderer registry of its own. */
interface NotebookPanel extends Widget {
  readonly content: { readonly rendermime: IRenderMimeRegistry }
}

/** Shows controls for a student's own function. A renderer does not know its notebook, so each notebook gets its own. */
export const explorePlugin: JupyterFrontEndPlugin<void> = {
  id: "ringlab-lessons:explore",
  description: "Shows controls for functions of a notebook, which run in its kernel.",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  activate: (app: JupyterFrontEnd, rendermime: IRenderMimeRegistry) => {
    addRenderer(rendermime, null)
    app.docRegistry.addWidgetExtension("Notebook", {
      createNew(panel: Widget, { sessionContext }: DocumentRegistry.Context) {
        addRenderer((panel as NotebookPanel).content.rendermime, sessionContext)
      },
    })
  },
}

/** Its rank goes before all forms of the result, which stand beside the controls. */
function addRenderer(rendermime: IRenderMimeRegistry, session: NotebookSession | null): void {
  const createRenderer = () => new ExploreRenderer(rendermime, session)
  rendermime.addFactory({ safe: true, mimeTypes: [EXPLORE_TYPE], createRenderer }, 5)
}
