// What `npm start`, `npm test`, `npm run nbgrader` and `npm run package` do, from a fresh clone on.
import { makePackage } from "../package/package.mjs"
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
 * Set up what is not set up yet, then run the tests, nbgrader or JupyterLab, or make the wheel.
 * @param {readonly string[]} args `--test` and options for the test runner, `--nbgrader` and what nbgrader shall do,
 *   `--package`, or options for JupyterLab
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
  if (args[0] === "--package") return makePackage()
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
