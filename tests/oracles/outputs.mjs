/*
 * Keep what notebooks carry: the cells in tests/oracles/outputs run in a notebook, as a reader runs them, and the outputs
 * that the notebook's file has then are kept in tests/vectors/outputs, in a folder for this release, for ever.
 *
 *   npm run build && node tests/oracles/outputs.mjs
 *
 * It refuses to touch a folder that is there. tests/vectors/outputs/FORMAT.md says how to read the files.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { register } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { environmentPython, inProject } from "../../kernel/launch/places.mjs"
import { privateVariables } from "../../kernel/launch/variables.mjs"

register("../soak/read-typescript.mjs", import.meta.url)
const { VERSION } = await import("../../src/version.ts")
const { carriedIn, look } = await import("./outputs/look.ts")
const { answersTo } = await import("./outputs/answers.ts")

const KINDS = ["recordings", "explorations", "lessons", "theory"]
const KERNEL = "ringlab-as-built"
const vectors = fileURLToPath(new URL(`../vectors/outputs/${VERSION}`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "outputs-"))

/** The cells of a file: what stands below a line that begins with "// %%", with the name in that line. */
function cellsOf(kind) {
  const text = readFileSync(new URL(`./outputs/${kind}.ts`, import.meta.url), "utf8")
  return `// %% \n${text}`
    .split(/^\/\/ %% /m)
    .slice(1)
    .map((part) => ({ name: part.slice(0, part.indexOf("\n")), source: part.slice(part.indexOf("\n") + 1) }))
}

/** Describes the kernel that was built here to Jupyter, under a name that no other has. */
function describeKernel() {
  const argv = [process.execPath, inProject("kernel", "dist", "main.js"), "--connection", "{connection_file}"]
  const place = join(folder, "data", "kernels", KERNEL)
  mkdirSync(place, { recursive: true })
  const description = { argv, display_name: KERNEL, language: "typescript", interrupt_mode: "message" }
  writeFileSync(join(place, "kernel.json"), JSON.stringify(description))
}

/** Runs cells from top to bottom; gives the cells of the notebook's file. */
function execute(cells) {
  const file = join(folder, "cells.ipynb")
  const blank = { cell_type: "code", execution_count: null, metadata: {}, outputs: [] }
  const notebook = cells.map(({ source }, n) => ({ ...blank, id: `cell-${n}`, source }))
  writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: notebook }))
  const options = [
    "--to",
    "notebook",
    "--execute",
    "--inplace",
    `--ExecutePreprocessor.kernel_name=${KERNEL}`,
  ]
  const run = spawnSync(environmentPython(), ["-m", "nbconvert", ...options, file], {
    env: privateVariables(folder),
    encoding: "utf8",
  })
  if (run.status !== 0) throw new Error(`nbconvert ended with code ${run.status}:\n${run.stderr}`)
  return JSON.parse(readFileSync(file, "utf8")).cells
}

/** Pictures are left out: they are large, and no part of this project reads them. */
function kept(data) {
  const { "image/svg+xml": _, ...rest } = data
  return rest
}

async function entry(name, outputs) {
  const result = outputs.find(({ output_type }) => output_type === "execute_result")
  if (!result) throw new Error(`the cell "${name}" shows nothing`)
  const data = kept(result.data)
  const output = carriedIn(data)
  const answers = output?.kind === "exercise" ? await answersTo(output) : undefined
  return { name, data, answers, seen: output && (await look(output, answers)) }
}

/** The text of a file, an output a line. */
async function fileOf(kind) {
  const cells = cellsOf(kind)
  const executed = execute(cells)
  const named = []
  for (const [n, { name }] of cells.entries()) if (name) named.push(await entry(name, executed[n].outputs))
  const made = { release: VERSION, node: process.version, by: `tests/oracles/outputs/${kind}.ts` }
  const lines = named.map((one) => `    ${JSON.stringify(one)}`).join(",\n")
  console.log(`${kind}: ${named.length} outputs`)
  return `{\n  "made": ${JSON.stringify(made)},\n  "outputs": [\n${lines}\n  ]\n}\n`
}

if (existsSync(vectors)) {
  console.error(`outputs: ${vectors} is there, and what a release wrote stays as it is.`)
  process.exit(1)
}
try {
  describeKernel()
  const files = []
  for (const kind of KINDS) files.push([kind, await fileOf(kind)])
  mkdirSync(vectors, { recursive: true })
  for (const [kind, text] of files) writeFileSync(join(vectors, `${kind}.json`), text)
} finally {
  rmSync(folder, { recursive: true })
}
