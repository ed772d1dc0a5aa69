import { spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { environmentPython } from "../kernel/launch/places.mjs"
import { privateVariables } from "../kernel/launch/variables.mjs"
import { folderWithTslab } from "./stock-tslab"

const notebooks = fileURLToPath(new URL("../notebooks", import.meta.url))
const names = readdirSync(notebooks).filter((name) => name.endsWith(".ipynb"))
const FIVE_MINUTES = 300_000
const TEN_MINUTES = 600_000

interface Output {
  readonly output_type: string
  readonly name?: string
}

interface Notebook {
  readonly cells: readonly {
    readonly id: string
    readonly cell_type: string
    readonly source: string | readonly string[]
    readonly execution_count?: number | null
    readonly outputs?: readonly Output[]
  }[]
}

/** A folder for all that Jupyter writes, with a description of stock tslab as a kernel in it. */
let state: string
beforeAll(() => {
  state = folderWithTslab("ringlab-notebooks-")
})
afterAll(() => rmSync(state, { recursive: true, force: true }))

describe.each(["ringlab", "tslab"])("under %s", (kernel) => {
  let results: string
  beforeAll(async () => {
    results = await convert(
      names.map((name) => join(notebooks, name)),
      kernel,
      "notebook",
      "--allow-errors",
    )
  }, TEN_MINUTES)

  test.each(names)("%s runs from top to bottom", (name) => {
    expect(problems(readNotebook(join(results, name)))).toEqual([])
  })
})

describe.each(names)("%s", (name) => {
  test("is kept without outputs", () => {
    const code = codeCells(readNotebook(join(notebooks, name)))
    expect(code.filter((cell) => cell.execution_count !== null || cell.outputs?.length !== 0)).toEqual([])
  })

  test("imports ringlab, and nothing of Node's: a lesson may run where there is none", () => {
    const code = codeCells(readNotebook(join(notebooks, name))).map(({ source }) => [source].flat().join(""))
    const imported = code.flatMap((text) => [
      ...text.matchAll(/\bfrom\s+"([^"]+)"|\bimport\s+"([^"]+)"|\brequire\(/g),
    ])
    expect(imported.filter(([, from, bare]) => (from ?? bare) !== "ringlab")).toEqual([])
    expect(code.filter((text) => /\b(process|Buffer)\./.test(text))).toEqual([])
  })

  test("has an id of its own for each cell", () => {
    const ids = readNotebook(join(notebooks, name)).cells.map(({ id }) => id)
    expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual([])
  })
})

test(
  "a student's copy in a folder outside the project finds the kernel's own ringlab",
  async () => {
    const copy = join(mkdtempSync(join(tmpdir(), "ringlab-copy-")), "my copy.ipynb")
    cpSync(join(notebooks, "00-welcome.ipynb"), copy)
    expect(
      problems(readNotebook(join(await convert([copy], "ringlab", "notebook"), "my copy.ipynb"))),
    ).toEqual([])
    rmSync(dirname(copy), { recursive: true })
  },
  FIVE_MINUTES,
)

test.each(["ringlab", "tslab"])(
  "a hypervisor that a student writes in a cell, in under 80 lines, runs its guest under %s",
  async (kernel) => {
    const source = readFileSync(join(dirname(notebooks), "tests", "hypervisors", "own-hypervisor.ts"), "utf8")
    expect(source.split("\n").length).toBeLessThan(80)
    // In the project, for stock tslab finds a package only where Node.js does.
    const folder = mkdtempSync(join(dirname(notebooks), ".ringlab", "own-"))
    writeFileSync(join(folder, "own.ipynb"), JSON.stringify(notebookOf(source)))
    const results = await convert([join(folder, "own.ipynb")], kernel, "notebook")
    rmSync(folder, { recursive: true })
    expect(problems(readNotebook(join(results, "own.ipynb")))).toEqual([])
  },
  FIVE_MINUTES,
)

/** A notebook of one cell. */
const notebookOf = (source: string) => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: [{ id: "own", cell_type: "code", metadata: {}, execution_count: null, outputs: [], source }],
})

test.each(["html", "slides"])(
  "turned into %s, a lesson shows its picture, which needs no extension and no kernel",
  async (format) => {
    const results = await convert([join(notebooks, "00-welcome.ipynb")], "ringlab", format)
    const page = readFileSync(join(results, `00-welcome.${format}`.replace("slides", "slides.html")), "utf8")
    const images = [...page.matchAll(/src="?data:image\/svg\+xml;base64,([\w+/=]+)/g)]
    const pictures = images.map(([, base64]) => Buffer.from(base64, "base64").toString("utf8"))
    expect(pictures.some((svg) => svg.includes("Step 22, ring 3. Ring 0 ran “iretd”."))).toBe(true)
  },
  FIVE_MINUTES,
)

/**
 * Run notebooks as `jupyter nbconvert --execute` does, one after the other in one Python, since its start takes as long as a
 * short lesson, and write them in a format of nbconvert's.
 * @returns the folder with the results
 */
async function convert(files: readonly string[], kernel: string, format: string, ...more: string[]) {
  const results = mkdtempSync(join(state, "results-"))
  const options = ["--to", format, "--execute", `--ExecutePreprocessor.kernel_name=${kernel}`, ...more]
  await run(["-m", "nbconvert", ...options, "--output-dir", results, ...files])
  return results
}

async function run(args: readonly string[]): Promise<void> {
  const child = spawn(environmentPython(), args, { env: privateVariables(state) })
  let output = ""
  child.stderr.on("data", (data) => (output += data))
  const [code] = await once(child, "close")
  if (code !== 0) throw new Error(`nbconvert ended with code ${code}:\n${output}`)
}

/** The outputs that no cell of a lesson may have: errors, and anything on stderr. */
function problems(notebook: Notebook): readonly Output[] {
  const code = codeCells(notebook)
  expect(code.length).toBeGreaterThan(0)
  return code
    .flatMap((cell) => cell.outputs ?? [])
    .filter((output) => output.output_type === "error" || output.name === "stderr")
}

function codeCells(notebook: Notebook) {
  return notebook.cells.filter((cell) => cell.cell_type === "code")
}

function readNotebook(file: string): Notebook {
  return JSON.parse(readFileSync(file, "utf8"))
}
