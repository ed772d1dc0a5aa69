// The private Python environment, with JupyterLab in the versions that requirements.txt pins.
import { spawnSync } from "node:child_process"
import { rmSync } from "node:fs"
import { environment, environmentPython, project } from "./places.mjs"
import { lastLines, runLogged } from "./run.mjs"
import { stamped } from "./steps.mjs"
import { cannotWrite, Trouble } from "./trouble.mjs"
import { privateVariables } from "./variables.mjs"

const PINNED = "kernel/launch/requirements.txt"
const OLDEST = [3, 10]
const CANDIDATES = [["python3"], ["python"], ["py", "-3"]]

/** Make the environment and install JupyterLab into it. */
export const jupyterLab = stamped({
  name: "jupyterlab",
  title: "Make a private Python environment with JupyterLab",
  reads: [PINNED],
  also: project, // an environment knows its own path, so a project folder that was moved needs another
  makes: [environmentPython()],
  make: makeEnvironment,
})

/**
 * Is there a Python to make it with? Asked first of all, before anything is downloaded.
 * @type {import("./steps.mjs").Step}
 */
export const pythonFound = { title: "Look for Python", done: jupyterLab.done, make: () => void findPython() }

async function makeEnvironment() {
  const python = findPython()
  rmSync(environment, { recursive: true, force: true })
  const [program, ...first] = python.command
  const { code, output, log } = await runLogged("venv", program, [...first, "-m", "venv", environment], {
    env: privateVariables(),
  })
  if (code !== 0)
    throw new Trouble(
      `Python ${python.version} could not make ${environment}: see ${log}, make sure that its disk has room, ` +
        "and run the command again.",
      lastLines(output),
    )
  await pipInstall()
  await runLogged("pip-uninstall", environmentPython(), ["-m", "pip", "uninstall", "--yes", ...LEFT_OUT], {
    env: privateVariables(),
  })
}

/**
 * What jsonschema can do without: to check a format that no notebook has, it would read a grammar in each program that reads
 * notebooks, JupyterLab and nbgrader too, which takes some seconds.
 */
const LEFT_OUT = ["rfc3987-syntax", "lark"]

/**
 * The first Python that is new enough and can make environments; RINGLAB_PYTHON names one to use instead.
 * @returns {{ command: string[], version: string }}
 */
export function findPython() {
  const chosen = process.env.RINGLAB_PYTHON
  const found = (chosen ? [[chosen]] : CANDIDATES).map(ask).filter((python) => python !== undefined)
  const good = found.find((python) => python.newEnough && python.canMakeEnvironments)
  if (good) return good
  throw noPython(found, chosen)
}

const QUESTION = `
import importlib.util as u, sys
print(*sys.version_info[:3], all(u.find_spec(m) for m in ("venv", "ensurepip")))`

function ask(command) {
  const [program, ...first] = command
  const answer = spawnSync(program, [...first, "-c", QUESTION], { encoding: "utf8", env: privateVariables() })
  const match = answer.stdout?.match(/^(\d+) (\d+) (\d+) (\w+)/)
  if (!match) return undefined
  const [major, minor, patch] = match.slice(1, 4).map(Number)
  const newEnough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
  return {
    command,
    version: `${major}.${minor}.${patch}`,
    newEnough,
    canMakeEnvironments: match[4] === "True",
  }
}

function noPython(found, chosen) {
  const newest = found.find((python) => python.newEnough)
  if (newest)
    return new Trouble(
      `Python ${newest.version} (${newest.command.join(" ")}) lacks its module venv or ensurepip, which makes private ` +
        "environments: install it (Debian and Ubuntu: apt install python3-venv) and run the command again.",
    )
  const what = chosen ? `RINGLAB_PYTHON (${chosen})` : "Python"
  const state = found.length > 0 ? `is ${found[0].version}` : "was not found"
  return new Trouble(
    `${what} ${state}, but ringlab needs Python ${OLDEST.join(".")} or newer: install it (python.org), ` +
      "or name it in the environment variable RINGLAB_PYTHON, and run the command again.",
  )
}

async function pipInstall() {
  // Wheels only: nothing is compiled on the user's machine, and no package runs code to be installed.
  const args = [
    "-m",
    "pip",
    "install",
    "--no-input",
    "--disable-pip-version-check",
    "--only-binary",
    ":all:",
    "-r",
    PINNED,
  ]
  const { code, output, log } = await runLogged("pip", environmentPython(), args, { env: privateVariables() })
  if (code !== 0) throw pipTrouble(output, log)
}

function pipTrouble(output, log) {
  const [, number, path] = output.match(/OSError: \[Errno (\d+)\][^:\n]*(?:: '(.+)')?/) ?? []
  if (number in REFUSALS) return cannotWrite(path ?? environment, REFUSALS[number], lastLines(output, 3))
  const wanted = notHad(output)
  const sentence = wanted
    ? `Could not download the Python package ${wanted} (from ${PINNED}): check the network (or pip's proxy settings) ` +
      "and run the command again."
    : `pip could not install the packages of ${PINNED}: see ${log}, then run the command again.`
  return new Trouble(sentence, lastLines(output, wanted ? 3 : 15))
}

/** Python's numbers for what `refusesWriting` knows by name. */
const REFUSALS = { 1: "EPERM", 13: "EACCES", 28: "ENOSPC", 30: "EROFS" }

/** What pip could not have: a package of which it found nothing, or the one at which the connection broke. */
function notHad(output) {
  const nothing = output.match(/No matching distribution found for (\S+)/)?.[1]
  const broke = /Max retries exceeded|Read timed out|IncompleteRead|ConnectionError|Connection broken/.test(
    output,
  )
  return (
    nothing ?? (broke ? [...output.matchAll(/^ *(?:Collecting|Downloading) (\S+)/gm)].at(-1)?.[1] : undefined)
  )
}
