import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"
import { environmentPython, inProject } from "../../kernel/launch/places.mjs"
import { findPython } from "../../kernel/launch/python.mjs"
import { privateVariables } from "../../kernel/launch/variables.mjs"

const PINNED = inProject("kernel", "launch", "requirements.txt")
const lesson = fileURLToPath(new URL("../../notebooks/03-traps.ipynb", import.meta.url))
/** Runs a notebook in its place, with more arguments for the kernel. */
const RUN_NOTEBOOK = `
import sys, nbformat
from nbclient import NotebookClient
file, *arguments = sys.argv[1:]
notebook = nbformat.read(file, 4)
NotebookClient(notebook, allow_errors=True, extra_arguments=arguments).execute()
nbformat.write(notebook, file)`
/** Jupyter's own folders, for whatever kernels and extensions there are. pip lets them stand empty. */
const SHARED_FOLDERS = ["share", "share/jupyter", "share/jupyter/kernels", "share/jupyter/labextensions"]
const windows = process.platform === "win32"

/** A folder far from the project, with an environment that holds what runs notebooks, and then the wheel. */
let elsewhere: string
let environment: string
let python: string
let wheel: string
let before: string[]

beforeAll(() => {
  elsewhere = mkdtempSync(join(tmpdir(), "ringlab wheel "))
  environment = join(elsewhere, "environment")
  python = windows ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python")
  const made = execFileSync(process.execPath, [inProject("kernel", "start.mjs"), "--package"], {
    encoding: "utf8",
  })
  wheel = made.match(/^(.*\.whl) /m)?.[1] ?? made
  const [program, ...first] = findPython().command
  execFileSync(program, [...first, "-m", "venv", environment])
  pip("install", "--only-binary", ":all:", "-c", PINNED, "nbclient")
  before = filesIn(environment)
  pip("install", "--no-index", wheel)
})
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }))

test("a copy of the lesson on traps runs in an empty environment elsewhere, by the wheel alone", () => {
  const copy = join(elsewhere, "my traps.ipynb")
  cpSync(lesson, copy)
  execute(python, copy)
  const cells = codeCells(copy)
  expect(cells.length).toBeGreaterThan(5)
  expect(cells.flatMap(({ outputs }) => outputs).filter(isTrouble)).toEqual([])
  expect(cells.filter(({ execution_count }) => execution_count === null)).toEqual([])
}, 120_000)

test("the kernel can be told to grade: then files elsewhere are closed to cells, and its own are not", () => {
  const notebook = join(elsewhere, "graded.ipynb")
  const sources = [
    `import { readFileSync } from "node:fs"\nreadFileSync(${JSON.stringify(lesson)}, "utf8").length`,
    'import { pc } from "ringlab"\ntypeof pc',
  ]
  writeFileSync(notebook, notebookOf(sources))
  execute(python, notebook, {}, "--grading")
  expect(codeCells(notebook).map(({ outputs }) => outputs)).toMatchObject([
    [{ output_type: "error", evalue: expect.stringMatching(/that is being graded may not read/) }],
    [{ output_type: "execute_result", data: { "text/plain": ["'function'"] } }],
  ])
})

test("JupyterLab finds the extension, and knows that the wheel brought it", () => {
  const { stdout, stderr } = spawnSync(environmentPython(), ["-m", "jupyter", "labextension", "list"], {
    encoding: "utf8",
    env: variables({ JUPYTER_PATH: join(environment, "share", "jupyter") }),
  })
  expect(stdout + stderr).toMatch(/ringlab-lessons v[\d.]+.*enabled.*OK.*\(python, ringlab\)/)
})

test("without Node.js, the terminal and each cell say what is missing and what to do", () => {
  const copy = join(elsewhere, "no node.ipynb")
  cpSync(lesson, copy)
  const sentence = /needs Node\.js 20 or newer, but .*no-node is none that runs\. Install Node\.js/
  const without = { RINGLAB_NODE: join(elsewhere, "no-node") }
  const start = join(environment, "share", "jupyter", "kernels", "ringlab", "start.py")
  const { status, stderr } = spawnSync(python, [start], { encoding: "utf8", env: variables(without) })
  expect([status, stderr]).toEqual([1, expect.stringMatching(sentence)])
  execute(environmentPython(), copy, { ...without, JUPYTER_PATH: join(environment, "share", "jupyter") })
  expect(codeCells(copy)[0].outputs).toMatchObject([
    { output_type: "error", evalue: expect.stringMatching(sentence) },
  ])
})

test("an uninstall leaves nothing behind", () => {
  expect(filesIn(environment).length).toBeGreaterThan(before.length + 100)
  pip("uninstall", "--yes", "ringlab")
  const left = filesIn(environment).filter((path) => !before.includes(path))
  expect(left.map((path) => path.replaceAll("\\", "/"))).toEqual(SHARED_FOLDERS)
})

function pip(...args: string[]): void {
  const options = ["-m", "pip", "--no-input", "--disable-pip-version-check"]
  const { status, stdout, stderr } = spawnSync(python, [...options, ...args], { encoding: "utf8" })
  if (status !== 0) throw new Error(`pip ${args.join(" ")}:\n${stdout}\n${stderr}`)
}

/** Runs a notebook in its place, to its end, with an environment's own nbclient. */
function execute(program: string, notebook: string, more: Record<string, string> = {}, ...args: string[]) {
  const options = { encoding: "utf8", cwd: elsewhere, env: variables(more) } as const
  const { status, stderr } = spawnSync(program, ["-c", RUN_NOTEBOOK, notebook, ...args], options)
  if (status !== 0) throw new Error(stderr)
}

function variables(more: Record<string, string>): Record<string, string> {
  return { ...privateVariables(join(elsewhere, "state")), ...more }
}

function notebookOf(sources: readonly string[]): string {
  const kernelspec = { name: "ringlab", display_name: "TypeScript (ringlab)", language: "typescript" }
  const rest = { cell_type: "code", metadata: {}, outputs: [], execution_count: null }
  const cells = sources.map((source, n) => ({ ...rest, id: `cell-${n}`, source }))
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells })
}

interface Output {
  readonly output_type: string
  readonly name?: string
}

function codeCells(notebook: string): { outputs: Output[]; execution_count: number | null }[] {
  const { cells } = JSON.parse(readFileSync(notebook, "utf8"))
  return cells.filter(({ cell_type }: { cell_type: string }) => cell_type === "code")
}

const isTrouble = ({ output_type, name }: Output): boolean => output_type === "error" || name === "stderr"

/** Every file and folder, but for what Python writes when it first runs a module. */
function filesIn(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" })
  return all.filter((path) => !path.includes("__pycache__")).sort()
}
