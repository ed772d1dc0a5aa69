// The wheel where users put it: beside JupyterLab, the oldest and the newest, in an environment of its own, seen in a browser.
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inProject, pythonOf } from "../../kernel/launch/places.mjs"
import { findPython } from "../../kernel/launch/python.mjs"
import { privateVariables } from "../../kernel/launch/variables.mjs"
import { cellsOf, hasChanges, openNotebook, openPage, runAll, screenshot, startLab } from "../browser/lab.ts"
import { listed, OLDEST } from "../browser/releases.ts"

/** What pip is asked for. A pre-release in a range lets pip take pre-releases of this package, and of no other. */
const RELEASES = [`jupyterlab==${OLDEST}`, "jupyterlab>=4.0.0a0,<5"]

/** Installs JupyterLab and the wheel into an empty environment, and runs the lesson on traps there; then papermill. */
export async function wheel() {
  const file = makeWheel()
  const rows = []
  for (const release of RELEASES) rows.push(...(await tryWith(release, file)))
  return rows
}

function makeWheel() {
  const args = [inProject("kernel", "start.mjs"), "--package"]
  return execFileSync(process.execPath, args, { encoding: "utf8" }).match(/^(.*\.whl) /m)[1]
}

async function tryWith(release, file) {
  const folder = mkdtempSync(join(tmpdir(), "ringlab-wheel-"))
  try {
    const python = makeEnvironment(join(folder, "environment"), [release, `${file}[jupyterlab]`, "papermill"])
    const rows = [list(python), ...(await lookAt(python)), parametrize(python, folder)]
    const version = execFileSync(python, ["-m", "jupyterlab", "--version"], { encoding: "utf8" }).trim()
    return rows.map((row) => ({ ...row, what: `${version}: ${row.what}` }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function makeEnvironment(folder, packages) {
  console.log(`  install ${packages[0]} and the wheel …`)
  const [program, ...first] = findPython().command
  execFileSync(program, [...first, "-m", "venv", folder])
  const options = ["--quiet", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:"]
  const args = ["-m", "pip", "install", ...options, ...packages]
  execFileSync(pythonOf(folder), args, { stdio: ["ignore", "inherit", "ignore"], env: privateVariables() })
  return pythonOf(folder)
}

function list(python) {
  const line = listed(python)
  return { what: "JupyterLab lists the extension", result: line.trim(), good: /enabled.*OK/.test(line) }
}

async function lookAt(python) {
  console.log("  run the lesson on traps …")
  const lab = await startLab({ python })
  try {
    const page = await openPage(lab)
    await openNotebook(page, "notebooks/03-traps.ipynb")
    const changed = await hasChanges(page)
    await runAll(page)
    const untouched = {
      what: "a lesson that was only opened has nothing to save",
      result: `${!changed}`,
      good: !changed,
    }
    return [untouched, ranWell(await cellsOf(page)), ...(await drawn(page))]
  } finally {
    await lab.stop()
  }
}

function ranWell(cells) {
  const code = cells.filter(({ cell_type }) => cell_type === "code")
  const outputs = code.flatMap((cell) => cell.outputs)
  const troubles = outputs.filter(({ output_type, name }) => output_type === "error" || name === "stderr")
  const ran = code.filter(({ execution_count }) => execution_count).length
  return {
    what: "each cell of the lesson on traps runs without an error",
    result: `${ran} of ${code.length} cells, ${troubles.length} errors`,
    good: ran === code.length && troubles.length === 0,
  }
}

async function drawn(page) {
  const sliders = page.getByRole("slider")
  await sliders
    .first()
    .waitFor()
    .catch(() => {})
  await page.getByRole("tab", { name: "Course" }).click()
  await screenshot(page, "wheel")
  const [scrubbers, lessons] = [await sliders.count(), await page.locator(".rl-lesson:visible").count()]
  return [
    { what: "the extension draws recordings to scrub", result: `${scrubbers} sliders`, good: scrubbers > 0 },
    { what: "the course panel lists the lessons", result: `${lessons} lessons`, good: lessons > 3 },
  ]
}

const PARAMETERS = { steps: 7, text: 'a "line"\nü', list: [1, 2.5], more: { "b-c": [true, null] } }

/** papermill writes the parameters of each kind into a notebook, and runs it: the values must come back as they were. */
function parametrize(python, folder) {
  console.log("  run a notebook with parameters in papermill …")
  const notebook = join(folder, "parameters.ipynb")
  const kernelspec = { name: "ringlab", display_name: "TypeScript (ringlab)", language: "typescript" }
  const cell = (id, source, tags) => ({
    cell_type: "code",
    id,
    source,
    metadata: { tags },
    outputs: [],
    execution_count: null,
  })
  const cells = [
    cell("a", "const steps = 1", ["parameters"]),
    cell("b", "JSON.stringify({ steps, text, list, more })", []),
  ]
  writeFileSync(notebook, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells }))
  const args = ["-m", "papermill", "--no-progress-bar", notebook, notebook, "-y", JSON.stringify(PARAMETERS)]
  execFileSync(python, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: privateVariables(join(folder, "state")),
  })
  const [output] = JSON.parse(readFileSync(notebook, "utf8")).cells.at(-1).outputs
  const shown = [output?.data["text/plain"] ?? ""].flat().join("")
  const good = shown.includes(JSON.stringify(PARAMETERS).replaceAll("\\", "\\\\"))
  return { what: "papermill's parameters come back as they were", result: shown, good }
}
