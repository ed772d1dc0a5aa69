import type { JupyterFrontEndPlugin } from "@jupyterlab/application"
import { IRenderMimeRegistry } from "@jupyterlab/rendermime"
import { IStateDB } from "@jupyterlab/statedb"
import { MIME_TYPE } from "ringlab"
import { IProgress } from "../course/progress"
import { followLinks } from "../links/follow"
import { OutputRenderer, type Services } from "../output/renderer"
import { Player } from "../player/player"
import { startWorker } from "../player/start"
import { Places } from "../recording/places"
import { Speed } from "../recording/speed"

/** Draws our outputs, in trusted notebooks and others, with a kernel and without. */
export const outputPlugin: JupyterFrontEndPlugin<void> = {
  id: "ringlab-lessons:output",
  description: "Shows recordings, experiments and exercises.",
  autoStart: true,
  requires: [IRenderMimeRegistry, IProgress],
  optional: [IStateDB],
  activate: ({ shell }, rendermime: IRenderMimeRegistry, progress: IProgress, state: IStateDB | null) => {
    const players = { recordings: new Player(startWorker), questions: new Player(startWorker) }
    const services: Services = { ...players, progress, speed: new Speed(state), places: new Places(shell) }
    followLinks(services.places)
    const createRenderer = () => new OutputRenderer(services)
    // Safe: it shows data as text and runs none of it. Its rank goes before the static SVG's.
    rendermime.addFactory({ safe: true, mimeTypes: [MIME_TYPE], createRenderer }, 10)
  },
}
