// The wheel where users put it: beside JupyterLab in an environment of their own, seen in a browser.
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium } from "playwright-core"
import { inProject } from "../../kernel/launch/places.mjs"
import { findPython } from "../../kernel/launch/python.mjs"
import { privateVariables } from "../../kernel/launch/variables.mjs"
import { findBrowser } from "../browser/find-browser.ts"
import { cellsOf, openNotebook, openPage, runAll, screenshot } from "../browser/lab.ts"

/** Installs JupyterLab and the wheel into an empty environment, and runs a copy of the lesson on traps there. */
export async function wheel() {
  const folder = mkdtempSync(join(tmpdir(), "ringlab-wheel-"))
  const python = makeEnvironment(join(folder, "environment"))
  const root = join(folder, "my notebooks")
  mkdirSync(root)
  cpSync(inProject("notebooks", "03-traps.ipynb"), join(root, "traps.ipynb"))
  const server = await startLab(python, root, privateVariables(join(folder, "state")))
  const browser = await chromium.launch({ executablePath: findBrowser(), args: BROWSER_OPTIONS })
  try {
    return await lookAt(await openPage({ ...server.address, root, browser }))
  } finally {
    await browser.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const BROWSER_OPTIONS = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-background-networking",
]

function makeEnvironment(folder) {
  console.log("  install JupyterLab and the wheel …")
  const made = execFileSync(process.execPath, [inProject("kernel", "start.mjs"), "--package"], {
    encoding: "utf8",
  })
  const [, file] = made.match(/^(.*\.whl) /m)
  const [program, ...first] = findPython().command
  execFileSync(program, [...first, "-m", "venv", folder])
  const windows = process.platform === "win32"
  const python = windows ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python")
  const options = ["--quiet", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:"]
  const pinned = ["-c", inProject("kernel", "launch", "requirements.txt")]
  const what = ["jupyterlab", file]
  execFileSync(python, ["-m", "pip", "install", ...options, ...pinned, ...what], { stdio: "inherit" })
  return python
}

async function startLab(python, root, env) {
  console.log("  start JupyterLab …")
  const settings = [
    "--no-browser",
    "--expose-app-in-browser",
    `--ServerApp.root_dir=${root}`,
    "--ip=127.0.0.1",
  ]
  const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : []
  const child = spawn(python, ["-m", "jupyterlab", ...settings, ...asRoot], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  })
  const address = await addressOf(child)
  const stop = async () => {
    const gone = once(child, "exit")
    child.kill("SIGTERM")
    setTimeout(() => child.kill("SIGKILL"), 15_000).unref()
    await gone
  }
  return { address, stop }
}

function addressOf(child) {
  return new Promise((resolve, reject) => {
    let output = ""
    const read = (data) => {
      output += data
      const found = output.match(/(http:\/\/127\.0\.0\.1:\d+\/)lab\S*\?token=(\w+)/)
      if (found) resolve({ url: found[1], token: found[2] })
    }
    child.stdout.on("data", read)
    child.stderr.on("data", read)
    child.on("exit", () => reject(new Error(`JupyterLab did not start:\n${output}`)))
  })
}

async function lookAt(page) {
  console.log("  run the lesson on traps …")
  await openNotebook(page, "traps.ipynb")
  await runAll(page)
  const code = (await cellsOf(page)).filter(({ cell_type }) => cell_type === "code")
  const outputs = code.flatMap((cell) => cell.outputs)
  const troubles = outputs.filter(({ output_type, name }) => output_type === "error" || name === "stderr")
  const sliders = page.getByRole("slider").first()
  await sliders.waitFor().catch(() => {})
  await screenshot(page, "wheel")
  const ran = code.filter(({ execution_count }) => execution_count).length
  const alive = await page.getByRole("slider").count()
  return [
    {
      what: "each cell of the lesson on traps runs without an error",
      result: `${ran} of ${code.length} cells, ${troubles.length} errors`,
      good: ran === code.length && troubles.length === 0,
    },
    { what: "the extension draws recordings to scrub", result: `${alive} sliders`, good: alive > 0 },
  ]
}
