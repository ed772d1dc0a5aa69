/**
 * What differs from the builder's own configuration: plotly.js comes minified, and minifying it once more would take
 * most of the build's time, so it gets a file of its own that the minifier leaves alone.
 */
const { rspack } = require("@rspack/core")

module.exports = {
  optimization: {
    minimizer: [new rspack.SwcJsMinimizerRspackPlugin({ exclude: /^plotly\./ })],
    splitChunks: { cacheGroups: { defaultVendors: false } },
  },
  // Sizes are measured in tests: our scripts at most 300 KB, the worker at most 1 MB, plotly.js only when needed.
  performance: { hints: false },
}
