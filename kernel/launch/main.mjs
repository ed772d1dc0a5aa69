// What `npm start` and `npm test` do, from a fresh clone to a running JupyterLab or to the tests.
import { builds } from "./build.mjs"
import { registered, runJupyterLab } from "./jupyter.mjs"
import { alone } from "./lock.mjs"
import { nodePackages } from "./node-packages.mjs"
import { inProject } from "./places.mjs"
import { jupyterLab, testTools } from "./python.mjs"
import { endChildrenFirst, run, stopAsked } from "./run.mjs"
import { carryOut } from "./steps.mjs"
import { report } from "./trouble.mjs"

const SET_UP = [nodePackages, ...builds, jupyterLab, registered]

/** What comes after the set-up, by the word that the command line starts with. */
const TASKS = {
  "--test": { steps: [...SET_UP, testTools], work: runTests },
  "--setup": { steps: [...SET_UP, testTools], work: () => 0 },
  "": { steps: SET_UP, work: startLab },
}

/**
 * Set up what is not set up yet, then do the task.
 * @param {readonly string[]} args `--test` or `--setup` first, or nothing for JupyterLab; the rest goes to the
 *   test runner or to JupyterLab
 */
export async function main(args) {
  endChildrenFirst()
  const name = args[0] in TASKS ? args[0] : ""
  const rest = args.slice(name === "" ? 0 : 1).filter((arg, index) => index > 0 || arg !== "--")
  try {
    await alone(() => carryOut(TASKS[name].steps))
    process.exitCode = await TASKS[name].work(rest)
  } catch (error) {
    if (!stopAsked()) report(error)
    process.exitCode = stopAsked() ? 130 : 1
  }
}

function runTests(args) {
  const vitest = inProject("node_modules", "vitest", "vitest.mjs")
  return run(process.execPath, [vitest, "run", ...args])
}

async function startLab(args) {
  console.log("Starting JupyterLab; Ctrl-C ends it.")
  const code = await runJupyterLab(args)
  return stopAsked() ? 0 : code
}
