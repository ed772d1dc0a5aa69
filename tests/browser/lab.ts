/**
 * A real JupyterLab in a real browser, for tests.
 *
 *     const lab = await startLab()                       // through the launcher, on a copy of notebooks/
 *     const page = await openPage(lab, { theme: "dark" }) // a Playwright page, JupyterLab restored
 *     await openNotebook(page, "notebooks/00-welcome.ipynb")
 *     await runAll(page)
 *     const cells = await cellsOf(page)                  // the notebook as it is now, outputs included
 *     await screenshot(page, "welcome-dark")             // tests/screenshots/welcome-dark.png
 *     await lab.stop()
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Browser, chromium, type Page } from "playwright-core"
import { privateVariables } from "../../kernel/launch/variables.mjs"
import { findBrowser } from "./find-browser"

const project = fileURLToPath(new URL("../..", import.meta.url))

/** A running JupyterLab and a browser for it. */
export interface Lab {
  /** Where it answers, with its base URL and a slash at the end. */
  readonly url: string
  readonly token: string
  /** The folder that it serves: a copy, with `notebooks/` in it. */
  readonly root: string
  readonly browser: Browser
  /** End the browser and JupyterLab, and remove the copy. */
  stop(): Promise<void>
}

interface LabOptions {
  readonly baseUrl?: string
  readonly extensions?: string
  /** The Python of another environment: its own JupyterLab starts, without the launcher. */
  readonly python?: string
}

/**
 * Start JupyterLab as `npm start` does, with all its state in a folder of its own.
 * @param options `baseUrl`: such as `/user/x/`, where a hub would put it; `extensions`: a folder with more extensions
 * @throws with all that the launcher printed, when it ends before it is ready
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const root = mkdtempSync(join(tmpdir(), "ringlab-lab-"))
  cpSync(join(project, "notebooks"), join(root, "notebooks"), { recursive: true })
  const server = await launch(root, options)
  const address = await addressOf(server)
  const browser = await openBrowser()
  const stop = async () => {
    await browser.close()
    await endServer(server, address)
    rmSync(root, { recursive: true, force: true })
  }
  return { ...address, root, browser, stop }
}

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
  const state = join(root, ".jupyter")
  // A process group of its own, so that it can be ended as a whole; Windows ends a child with its children anyway.
  const detached = process.platform !== "win32"
  if (python) {
    const more = ["--ip=127.0.0.1", ...(asRoot ? ["--allow-root"] : [])]
    const env = privateVariables(state)
    return spawn(python, ["-m", "jupyterlab", ...options, ...more], { cwd: root, env, detached })
  }
  const env = { ...process.env, RINGLAB_JUPYTER_STATE: state }
  return spawn(process.execPath, ["kernel/start.mjs", "--", ...options], { cwd: project, env, detached })
}

/** Is this the user root, whom containers and CI machines often use? */
const asRoot = process.getuid?.() === 0

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

function endGroup(server: ChildProcess): void {
  if (process.platform === "win32") server.kill("SIGKILL")
  else if (server.pid !== undefined) process.kill(-server.pid, "SIGKILL")
}

function openBrowser(): Promise<Browser> {
  // Chromium's sandbox does not work for root.
  const args = [...(asRoot ? ["--no-sandbox"] : []), "--disable-gpu", "--disable-background-networking"]
  return chromium.launch({ executablePath: findBrowser(), args })
}

/** JupyterLab's application object, as far as the tests use it. */
interface Application {
  readonly restored: Promise<void>
  readonly commands: { execute(id: string, args?: object): Promise<unknown> }
  readonly shell: { readonly currentWidget: NotebookPanel }
}

interface NotebookPanel {
  readonly context: {
    readonly ready: Promise<void>
    readonly model: { readonly dirty: boolean; toJSON(): { cells: Cell[] } }
  }
  readonly sessionContext: {
    readonly ready: Promise<void>
    readonly session: { readonly kernel: { readonly info: Promise<object>; readonly spec: Promise<object> } }
  }
}

/** A cell of an open notebook, in the notebook file's own form. */
export interface Cell {
  readonly cell_type: "code" | "markdown" | "raw"
  readonly source: string | readonly string[]
  readonly outputs?: readonly { readonly output_type: string; readonly [key: string]: unknown }[]
  readonly execution_count?: number | null
}

declare const jupyterapp: Application

/** How a page looks: JupyterLab's theme, and the window's size in CSS pixels (1400 × 900 if not said). */
export interface Look {
  readonly theme?: "light" | "dark"
  readonly width?: number
  readonly height?: number
}

let workspaces = 0

/**
 * Open JupyterLab in a new window, in an empty workspace. Requests to any other machine are refused and
 * kept for `outsideRequests`.
 */
export async function openPage(lab: Lab, look: Look = {}): Promise<Page> {
  const viewport = { width: look.width ?? 1400, height: look.height ?? 900 }
  const page = await (await lab.browser.newContext({ viewport })).newPage()
  page.setDefaultTimeout(60_000) // a busy machine is slow, and that is no fault
  await keepInside(page, lab)
  const answer = await page.goto(`${lab.url}lab/workspaces/test-${++workspaces}?token=${lab.token}`)
  if (!answer?.ok()) throw new Error(`JupyterLab answered with status ${answer?.status()}.`)
  await restored(page)
  await changeTheme(page, look.theme ?? "light")
  return page
}

/** Wait until JupyterLab has put itself together, after the page was opened or reloaded. */
export async function restored(page: Page): Promise<void> {
  await page.waitForFunction(() => "jupyterapp" in globalThis)
  await page.evaluate(() => jupyterapp.restored)
}

/** Change JupyterLab's theme. */
export async function changeTheme(page: Page, theme: "light" | "dark"): Promise<void> {
  const name = theme === "dark" ? "JupyterLab Dark" : "JupyterLab Light"
  await page.evaluate((theme) => jupyterapp.commands.execute("apputils:change-theme", { theme }), name)
  await page.waitForSelector(`body[data-jp-theme-light="${theme === "light"}"]`, { state: "attached" })
}

const outside = new WeakMap<Page, string[]>()

async function keepInside(page: Page, lab: Lab): Promise<void> {
  const home = new URL(lab.url).host
  const requests: string[] = []
  outside.set(page, requests)
  await page.route(
    (url) => url.protocol.startsWith("http") && url.host !== home,
    (route) => {
      requests.push(route.request().url())
      return route.abort()
    },
  )
}

/** The addresses on other machines that the page has asked for: there should be none. */
export function outsideRequests(page: Page): readonly string[] {
  return outside.get(page) ?? []
}

/** Open a notebook, by its path under the lab's root, and wait until its kernel is ready. */
export async function openNotebook(page: Page, path: string): Promise<void> {
  await page.evaluate(async (path) => {
    await jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" })
  }, path)
  await kernelReady(page)
}

/** Wait until the notebook in front is read and its kernel is ready. */
export async function kernelReady(page: Page): Promise<void> {
  await page.waitForFunction(() => jupyterapp.shell.currentWidget?.sessionContext !== undefined)
  await page.evaluate(async () => {
    const panel = jupyterapp.shell.currentWidget
    await panel.context.ready
    await panel.sessionContext.ready
  })
}

/** Run all cells of the notebook in front, and wait until the last one has run. */
export async function runAll(page: Page): Promise<void> {
  await page.evaluate(() => jupyterapp.commands.execute("notebook:run-all-cells"))
}

/** The cells of the notebook in front as they are now. */
export function cellsOf(page: Page): Promise<Cell[]> {
  return page.evaluate(() => jupyterapp.shell.currentWidget.context.model.toJSON().cells)
}

/** Has the notebook in front changes to save, after JupyterLab has heard from the kernel what goes into its metadata? */
export function hasChanges(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const { sessionContext, context } = jupyterapp.shell.currentWidget
    await Promise.all([sessionContext.session.kernel.info, sessionContext.session.kernel.spec])
    return context.model.dirty
  })
}

/** Keep a picture of the page in tests/screenshots/, to be looked at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(project, "tests", "screenshots", `${name}.png`) })
}
