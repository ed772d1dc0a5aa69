import type { JupyterFrontEndPlugin } from "@jupyterlab/application"
import { IRenderMimeRegistry } from "@jupyterlab/rendermime"
import { PLOTLY_TYPE, PlotlyRenderer } from "../plotly/renderer"

/** Draws the charts that cells return. */
export const plotlyPlugin: JupyterFrontEndPlugin<void> = {
  id: "ringlab-lessons:plotly",
  description: "Draws plotly charts.",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  activate: (_app, rendermime: IRenderMimeRegistry) => {
    rendermime.addFactory(
      { safe: true, mimeTypes: [PLOTLY_TYPE], createRenderer: () => new PlotlyRenderer() },
      20,
    )
  },
}
