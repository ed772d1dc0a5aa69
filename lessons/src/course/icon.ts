import { LabIcon } from "@jupyterlab/ui-components"

/** Four rings, the inmost filled. */
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
<g class="jp-icon3" fill="none" stroke="#616161" stroke-width="1.8" transform="translate(12 12)">
<circle r="10.5" class="jp-icon-none"/><circle r="7" class="jp-icon-none"/></g>
<circle cx="12" cy="12" r="3.2" class="jp-icon3" fill="#616161"/></svg>`

/** The sign of the course panel. */
export const courseIcon = new LabIcon({ name: "ringlab-lessons:course", svgstr: SVG })
