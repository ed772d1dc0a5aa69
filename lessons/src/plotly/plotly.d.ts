/** The package has no types of its own; `load.ts` says what is used of it. */
declare module "plotly.js-cartesian-dist-min" {
  const plotly: import("./load").Plotly
  export default plotly
}
