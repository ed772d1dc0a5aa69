/** `npm run bench -- start`: how much later JupyterLab is ready when `npm start` has nothing to do than when it is started bare. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { npmProgram } from "../../kernel/launch/node-packages.mjs"
import { environmentPython, project } from "../../kernel/launch/places.mjs"
import { privateVariables } from "../../kernel/launch/variables.mjs"

const OPTIONS = ["--no-browser", "--port=0"]
const ROUNDS = 5

/** Seconds from the start of a program until JupyterLab prints its address with the token; then it is ended. */
async function secondsUntilReady(program, args, env) {
  const began = performance.now()
  const child = spawn(program, args, { cwd: project, env, detached: true }) // a group of its own, to be ended as a whole
  let output = ""
  await new Promise((resolve, reject) => {
    const read = (data) => /token=\w+\s/.test((output += data)) && resolve()
    child.stdout.on("data", read)
    child.stderr.on("data", read)
    child.on("close", () => reject(new Error(output)))
  })
  const seconds = (performance.now() - began) / 1000
  process.kill(-child.pid, "SIGKILL")
  await once(child, "close")
  return seconds
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1]

/** Report the medians, taken in turns. */
export async function start(report) {
  const state = mkdtempSync(join(tmpdir(), "ringlab-start-"))
  const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : []
  const ours = [process.execPath, [npmProgram(), "start", "--", ...OPTIONS]]
  const bare = [environmentPython(), ["-m", "jupyterlab", ...OPTIONS, ...asRoot]]
  const times = { ours: [], bare: [] }
  for (let round = 0; round < ROUNDS; round++) {
    times.ours.push(await secondsUntilReady(...ours, { ...process.env, RINGLAB_JUPYTER_STATE: state }))
    times.bare.push(await secondsUntilReady(...bare, privateVariables(state)))
  }
  rmSync(state, { recursive: true, force: true })
  const [started, alone] = [median(times.ours), median(times.bare)]
  report("npm start with nothing to do: JupyterLab is ready after", `${started.toFixed(1)} s`, "")
  report("later than a bare jupyter lab by", `${(started - alone).toFixed(1)} s`, "wanted: at most 5 s")
}
