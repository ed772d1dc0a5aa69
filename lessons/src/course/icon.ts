import { LabIcon } from "@jupyterlab/ui-components"

/** Rings, the inmost filled. */
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
<g fill="none" stroke-width="1.8">
<circle class="jp-icon3" stroke="#616161" cx="12" cy="12" r="10.5"/>
<circle class="jp-icon3" stroke="#616161" cx="12" cy="12" r="7"/></g>
<circle class="jp-icon3" fill="#616161" cx="12" cy="12" r="3.2"/></svg>`

/** The sign of the course panel. */
export const courseIcon = new LabIcon({ name: "ringlab-lessons:course", svgstr: SVG })
