import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application"
import type { DocumentRegistry } from "@jupyterlab/docregistry"
import { IRenderMimeRegistry } from "@jupyterlab/rendermime"
import { IStateDB } from "@jupyterlab/statedb"
import type { Widget } from "@lumino/widgets"
import { MIME_TYPE } from "ringlab"
import type { OpenNotebook } from "../course/notebook"
import { INotebooks } from "../course/notebooks"
import { IProgress } from "../course/progress"
import { followLinks } from "../links/follow"
import { OutputRenderer, type Services } from "../output/renderer"
import { Player } from "../player/player"
import { startWorker } from "../player/start"
import { Places } from "../recording/places"
import { Speed } from "../recording/speed"

/** What a notebook panel is to us: each has a renderer registry of its own. */
interface NotebookPanel extends Widget {
  readonly content: { readonly rendermime: IRenderMimeRegistry }
}

/** Draws our outputs, in trusted notebooks and others, with a kernel and without. */
export const outputPlugin: JupyterFrontEndPlugin<void> = {
  id: "ringlab-lessons:output",
  description: "Shows recordings, experiments and exercises.",
  autoStart: true,
  requires: [IRenderMimeRegistry, IProgress, INotebooks],
  optional: [IStateDB],
  activate: addRenderers,
}

/** A renderer does not know its notebook, which keeps the answers: so each notebook gets its own, and what is in none the general one. */
function addRenderers(
  app: JupyterFrontEnd,
  rendermime: IRenderMimeRegistry,
  progress: IProgress,
  notebooks: INotebooks,
  state: IStateDB | null,
): void {
  const players = { recordings: new Player(startWorker), questions: new Player(startWorker) }
  const places = new Places(app.shell)
  const speed = new Speed(state)
  const services: Services = { ...players, progress, offersSolutions: () => true, speed, places }
  followLinks(places)
  addRenderer(rendermime, services)
  app.docRegistry.addWidgetExtension("Notebook", {
    createNew(panel: Widget, context: DocumentRegistry.Context) {
      const own = notebooks.open(context as unknown as OpenNotebook)
      const inNotebook = { ...services, progress: own, offersSolutions: () => !own.isGraded }
      addRenderer((panel as NotebookPanel).content.rendermime, inNotebook)
    },
  })
}

/** Safe: it shows data as text and runs none of it. Its rank goes before the static SVG's. */
function addRenderer(rendermime: IRenderMimeRegistry, services: Services): void {
  const createRenderer = () => new OutputRenderer(services)
  rendermime.addFactory({ safe: true, mimeTypes: [MIME_TYPE], createRenderer }, 10)
}
