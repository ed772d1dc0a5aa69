/** plotly.js, fetched when the first chart needs it and not before. */

/** The little of plotly.js that is used here. */
export interface Plotly {
  react(node: HTMLElement, data: unknown, layout: unknown, config: unknown): Promise<unknown>
  purge(node: HTMLElement): void
  Plots: { resize(node: HTMLElement): void }
}

/** Fetch plotly.js; the second call gives the same. */
export async function loadPlotly(): Promise<Plotly> {
  const module: { default: Plotly } = await import(
    /* webpackChunkName: "plotly" */ "plotly.js-cartesian-dist-min"
  )
  return module.default
}
