// What `npm start`, `npm test` and `npm run nbgrader` do, from a fresh clone to a running JupyterLab or to the tests.
import { builds } from "./build.mjs"
import { registered, runJupyterLab } from "./jupyter.mjs"
import { alone } from "./lock.mjs"
import { runNbgrader } from "./nbgrader.mjs"
import { nodePackages } from "./node-packages.mjs"
import { inProject } from "./places.mjs"
import { jupyterLab, pythonFound } from "./python.mjs"
import { endChildrenFirst, run, stopAsked } from "./run.mjs"
import { carryOut } from "./steps.mjs"
import { report } from "./trouble.mjs"

const SET_UP = [pythonFound, nodePackages, ...builds, jupyterLab, registered]

/**
 * Set up what is not set up yet, then run the tests, nbgrader or JupyterLab.
 * @param {readonly string[]} args `--test` and options for the test runner, `--nbgrader` and what nbgrader shall do, or
 *   options for JupyterLab
 */
export async function main(args) {
  endChildrenFirst()
  try {
    await alone(() => carryOut(SET_UP))
    process.exitCode = await start(args)
  } catch (error) {
    if (!stopAsked()) report(error)
    process.exitCode = stopAsked() ? 130 : 1
  }
}

function start(args) {
  if (args[0] === "--test") return runTests(args.slice(1))
  if (args[0] === "--nbgrader") return runNbgrader(args.slice(1))
  return startLab(args)
}

function runTests(args) {
  const vitest = inProject("node_modules", "vitest", "vitest.mjs")
  return run(process.execPath, [vitest, "run", ...args])
}

async function startLab(args) {
  console.log("Starting JupyterLab; Ctrl-C ends it.")
  const code = await runJupyterLab(args[0] === "--" ? args.slice(1) : args)
  return stopAsked() ? 0 : code
}
