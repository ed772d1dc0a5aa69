/**
 * A real JupyterLab in a real browser, for tests.
 *
 *     const lab = await borrowLab()                      // of borrow.ts; startLab() for one with options of its own
 *     const page = await openPage(lab, { theme: "dark" }) // a Playwright page, JupyterLab restored
 *     await openNotebook(page, "notebooks/00-welcome.ipynb")
 *     await runAll(page)
 *     const cells = await cellsOf(page)                  // the notebook as it is now, outputs included
 *     await screenshot(page, "welcome-dark")             // tests/screenshots/welcome-dark.png
 *     await lab.stop()
 */
import { randomUUID } from "node:crypto"
import { type Browser, chromium, type Page } from "playwright-core"
import { inProject } from "../../kernel/launch/places.mjs"
import { findBrowser } from "./find-browser"
import { AS_ROOT, type LabOptions, type LabServer, startServer } from "./server"

/** A running JupyterLab and a browser for it. */
export interface Lab extends LabServer {
  readonly browser: Browser
}

/**
 * Start JupyterLab as `npm start` does, with all its state in a folder of its own, and a browser for it.
 * @throws with all that the launcher printed, when it ends before it is ready
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const server = await startServer(options)
  const browser = await chromium.launch(browserOptions())
  const stop = async () => {
    await browser.close()
    await server.stop()
  }
  return { ...server, browser, stop }
}

/** What starts the browser that this machine has. */
export function browserOptions(): { executablePath: string; args: string[] } {
  // Chromium's sandbox does not work for root.
  const args = [...(AS_ROOT ? ["--no-sandbox"] : []), "--disable-gpu", "--disable-background-networking"]
  return { executablePath: findBrowser(), args: [...args, INSIDE] }
}

/** The browser finds no machine but this one. It does that itself: requests that went through Playwright would not be cached. */
const INSIDE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"

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

/**
 * Open JupyterLab in a new window, in an empty workspace. Requests to any other machine fail and are kept for
 * `outsideRequests`.
 * @param prepare makes the page ready before anything is loaded
 */
export async function openPage(
  lab: Lab,
  look: Look = {},
  prepare: (page: Page) => unknown = () => {},
): Promise<Page> {
  const viewport = { width: look.width ?? 1400, height: look.height ?? 900 }
  const page = await (await lab.browser.newContext({ viewport })).newPage()
  page.setDefaultTimeout(60_000) // a busy machine is slow, and that is no fault
  watchOutside(page, lab)
  await prepare(page)
  const answer = await page.goto(`${lab.url}lab/workspaces/${randomUUID()}?token=${lab.token}`)
  if (!answer?.ok()) throw new Error(`JupyterLab answered with status ${answer?.status()}.`)
  await restored(page)
  if (look.theme === "dark") await changeTheme(page, "dark")
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

function watchOutside(page: Page, lab: Lab): void {
  const home = new URL(lab.url).host
  const requests: string[] = []
  outside.set(page, requests)
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url())
    if (protocol.startsWith("http") && host !== home) requests.push(request.url())
  })
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
  await page.screenshot({ path: inProject("tests", "screenshots", `${name}.png`) })
}
