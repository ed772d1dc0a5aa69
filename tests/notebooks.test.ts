import { spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { environmentPython } from "../kernel/launch/places.mjs"
import { privateVariables } from "../kernel/launch/variables.mjs"
import { paragraphsOf } from "./lesson-words"
import { bareSteps, wrongLinks } from "./step-links"
import { folderWithTslab } from "./stock-tslab"

const notebooks = fileURLToPath(new URL("../notebooks", import.meta.url))
const names = readdirSync(notebooks).filter((name) => name.endsWith(".ipynb"))
const FIVE_MINUTES = 300_000
const TEN_MINUTES = 600_000

interface Output {
  readonly output_type: string
  readonly name?: string
  readonly data?: Readonly<Record<string, unknown>>
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
/** What is run, in the project, for stock tslab finds a package only where Node.js does. */
let within: string
beforeAll(() => {
  state = folderWithTslab("ringlab-notebooks-")
  within = mkdtempSync(join(dirname(notebooks), ".ringlab", "notebooks-"))
  for (const name of names)
    writeFileSync(join(within, name), shorter(readFileSync(join(notebooks, name), "utf8")))
  writeFileSync(join(within, "own.ipynb"), JSON.stringify(notebookOf(OWN_HYPERVISOR)))
})
afterAll(() => {
  for (const folder of [state, within]) rmSync(folder, { recursive: true, force: true })
})

/** What of a lesson is made short: searches of many states. `tests/browser/popek-goldberg.test.ts` makes them as they are. */
const SHORTER = [
  ["{ states: 1000 }", "{ states: 50 }"],
  ["{ states: 100 }", "{ states: 10 }"],
  ["offendersOnly = { forms", "offendersOnly = { states: 50, forms"],
] as const

const shorter = (lesson: string): string =>
  SHORTER.reduce((text, [from, to]) => text.replace(from, to), lesson)

const OWN_HYPERVISOR = readFileSync(
  join(dirname(notebooks), "tests", "hypervisors", "own-hypervisor.ts"),
  "utf8",
)

describe.each(["ringlab", "tslab"])("under %s", (kernel) => {
  let results: string
  beforeAll(async () => {
    results = await executed(
      kernel,
      readdirSync(within).map((name) => join(within, name)),
    )
  }, TEN_MINUTES)

  test.each(names)("%s runs from top to bottom", (name) => {
    expect(problems(readNotebook(join(results, name)))).toEqual([])
  })

  if (kernel === "ringlab")
    test.each(names)("the links of %s show what they say", (name) => {
      expect(wrongLinks(readNotebook(join(results, name)))).toEqual([])
    })

  test("a hypervisor that a student writes in a cell, in under 80 lines, runs its guest", () => {
    expect(OWN_HYPERVISOR.split("\n").length).toBeLessThan(80)
    expect(problems(readNotebook(join(results, "own.ipynb")))).toEqual([])
  })
})

describe("a student's copy in a folder outside the project", () => {
  let copy: string
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "ringlab-copy-"))
    cpSync(join(notebooks, "00-welcome.ipynb"), join(folder, "my copy.ipynb"))
    copy = join(await executed("ringlab", [join(folder, "my copy.ipynb")]), "my copy.ipynb")
    rmSync(folder, { recursive: true })
  }, FIVE_MINUTES)

  test("finds the kernel's own ringlab", () => {
    expect(problems(readNotebook(copy))).toEqual([])
  })

  test(
    "turned into a page or slides, shows its picture, which needs no extension and no kernel",
    async () => {
      await run(["-c", INTO_PAGES, copy])
      for (const page of ["my copy.html", "my copy.slides.html"])
        expect([page, picturesIn(join(dirname(copy), page))]).toEqual([
          page,
          expect.arrayContaining([expect.stringContaining("Step 24, ring 0. Ring 3 tried “hlt”")]),
        ])
    },
    FIVE_MINUTES,
  )
})

/** As `jupyter nbconvert --to html` and `--to slides`, in one Python. */
const INTO_PAGES = `
import sys
from nbconvert.nbconvertapp import NbConvertApp
for format in ["html", "slides"]:
    app = NbConvertApp()
    app.initialize(["--to", format, sys.argv[1]])
    app.start()
`

/** The pictures that a page carries. */
function picturesIn(file: string): string[] {
  const images = readFileSync(file, "utf8").matchAll(/src="?data:image\/svg\+xml;base64,([\w+/=]+)/g)
  return [...images].map(([, base64]) => Buffer.from(base64, "base64").toString("utf8"))
}

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

  test("has at most 1,800 words that are not folded, and no paragraph of more than 80, which are five lines", () => {
    const paragraphs = paragraphsOf(readNotebook(join(notebooks, name)).cells)
    expect(paragraphs.reduce((sum, { words }) => sum + words, 0)).toBeLessThanOrEqual(1800)
    expect(paragraphs.filter(({ words }) => words > 80)).toEqual([])
  })

  test("names no step without a link to it", () => {
    expect(bareSteps(readNotebook(join(notebooks, name)))).toEqual([])
  })

  test("has an id of its own for each cell", () => {
    const ids = readNotebook(join(notebooks, name)).cells.map(({ id }) => id)
    expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual([])
  })
})

/** A notebook of one cell. */
const notebookOf = (source: string) => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: [{ id: "own", cell_type: "code", metadata: {}, execution_count: null, outputs: [], source }],
})

/**
 * Run notebooks as `jupyter nbconvert --execute` does, one after the other in one Python, since its start takes as long as a
 * short lesson.
 * @returns the folder with the results
 */
async function executed(kernel: string, files: readonly string[]): Promise<string> {
  const results = mkdtempSync(join(state, "results-"))
  const options = ["--to", "notebook", "--execute", "--allow-errors", "--output-dir", results]
  await run(["-m", "nbconvert", ...options, `--ExecutePreprocessor.kernel_name=${kernel}`, ...files])
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
