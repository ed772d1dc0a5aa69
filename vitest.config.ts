import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { LongestFirst } from "./tests/sequence.mjs"

/**
 * One command runs every test. Unit tests read the machine from its sources, so that they need no build;
 * tests of packages, notebooks and the browser use what the launcher has built and installed.
 */
export default defineConfig({
  resolve: {
    alias: { ringlab: fileURLToPath(new URL("src/index.ts", import.meta.url)) },
  },
  test: {
    // What takes minutes is for `npm run soak`, which asks for it.
    include: [process.env.RINGLAB_SOAK ? "tests/soak/*.test.ts" : "tests/**/*.test.ts"],
    exclude: process.env.RINGLAB_SOAK ? [] : ["tests/soak/**"],
    globalSetup: "tests/browser/labs.ts",
    // Files share what they import: each would read the instruction table and the compiler's caches anew, a second of each file's.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 180_000,
    maxWorkers: "100%", // many tests wait for a kernel or a browser, so no core need be kept free
    reporters: process.env.CI ? ["default", "json"] : ["default"],
    outputFile: { json: ".ringlab/tests.json" }, // .ci/run counts the tests by it
  },
})
