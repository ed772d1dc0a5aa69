/** JupyterLab as a process of its own, for tests: started through the launcher, with all its state in a temporary folder. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inProject, project } from "../../kernel/launch/places.mjs"
import { privateVariables } from "../../kernel/launch/variables.mjs"

/** A running JupyterLab. */
export interface LabServer {
  /** Where it answers, with its base URL and a slash at the end. */
  readonly url: string
  readonly token: string
  /** The folder that it serves: a copy, with `notebooks/` in it. */
  readonly root: string
  /** End it, and remove the copy. */
  stop(): Promise<void>
}

/** How it differs from the one that `npm start` starts. */
export interface LabOptions {
  /** Such as `/user/x/`, where a hub would put it. */
  readonly baseUrl?: string
  /** A folder with more extensions. */
  readonly extensions?: string
  /** The Python of another environment: its own JupyterLab starts, without the launcher. */
  readonly python?: string
}

/**
 * Start JupyterLab as `npm start` does.
 * @throws with all that the launcher printed, when it ends before it is ready
 */
export async function startServer(options: LabOptions = {}): Promise<LabServer> {
  const root = mkdtempSync(join(tmpdir(), "ringlab-lab-"))
  fillRoot(root)
  const server = await launch(root, options)
  endWithThis(server)
  const address = await addressOf(server)
  const stop = async () => {
    await endServer(server, address)
    rmSync(root, { recursive: true, force: true })
  }
  return { ...address, root, stop }
}

/** Put a copy of the notebooks into the folder that is served. */
export function fillRoot(root: string): void {
  cpSync(inProject("notebooks"), join(root, "notebooks"), { recursive: true })
}

/** Where a served folder has Jupyter's own files. */
export const STATE = ".jupyter"

async function launch(
  root: string,
  { baseUrl = "/", extensions, python }: LabOptions,
): Promise<ChildProcess> {
  const options = [
    "--no-browser",
    "--expose-app-in-browser",
    `--port=${await freePort()}`,
    `--ServerApp.root_dir=${root}`,
    `--ServerApp.base_url=${baseUrl}`,
    ...(extensions ? [`--LabApp.extra_labextensions_path=${extensions}`] : []),
  ]
  const state = join(root, STATE)
  // A process group of its own, so that it can be ended as a whole; Windows ends a child with its children anyway.
  const detached = process.platform !== "win32"
  if (python) {
    const more = ["--ip=127.0.0.1", ...(AS_ROOT ? ["--allow-root"] : [])]
    const env = privateVariables(state)
    return spawn(python, ["-m", "jupyterlab", ...options, ...more], { cwd: root, env, detached })
  }
  const env = { ...process.env, RINGLAB_JUPYTER_STATE: state }
  return spawn(process.execPath, ["kernel/start.mjs", "--", ...options], { cwd: project, env, detached })
}

/** Is this the user root, whom containers and CI machines often use? */
export const AS_ROOT = process.getuid?.() === 0

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1")
  await once(listener, "listening")
  const address = listener.address()
  listener.close()
  if (address === null || typeof address === "string") throw new Error("No free port was given.")
  return address.port
}

/** JupyterLab prints its address, with the token, when it is ready. */
function addressOf(server: ChildProcess): Promise<{ url: string; token: string }> {
  return new Promise((resolve, reject) => {
    let output = ""
    const read = (data: Buffer) => {
      output += data.toString()
      const found = output.match(/(http:\/\/127\.0\.0\.1:\d+\/\S*?)lab(?:\/\S*)?\?token=(\w+)/)
      if (found) resolve({ url: found[1], token: found[2] })
    }
    server.stdout?.on("data", read)
    server.stderr?.on("data", read)
    server.on("close", () => reject(new Error(`JupyterLab did not start:\n${output}`)))
  })
}

async function endServer(
  server: ChildProcess,
  { url, token }: { url: string; token: string },
): Promise<void> {
  const closed = once(server, "close")
  // A server that is asked to end while a kernel is starting may wait for ever.
  const force = setTimeout(() => endGroup(server), PATIENCE)
  const headers = { Authorization: `token ${token}` }
  await fetch(`${url}api/shutdown`, { method: "POST", headers, signal: AbortSignal.timeout(PATIENCE) }).catch(
    () => {},
  )
  await closed
  clearTimeout(force)
}

/** Milliseconds that a server has to end by itself. */
const PATIENCE = 15_000

/** End it also when this process is told to end, as by `timeout`, and nobody stops it. */
function endWithThis(server: ChildProcess): void {
  const end = () => endGroup(server)
  process.once("exit", end)
  server.once("close", () => process.off("exit", end))
}

function endGroup(server: ChildProcess): void {
  if (process.platform === "win32") server.kill("SIGKILL")
  else if (server.pid !== undefined) process.kill(-server.pid, "SIGKILL")
}
