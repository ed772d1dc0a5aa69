import { readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { expect, test } from "vitest"

/**
 * The layers of src/, bottom first. A part is a folder or a file of src/ and may import its own files and those
 * of the layers before its own; parts of one layer do not know one another.
 */
const LAYERS: readonly (readonly string[])[] = [
  ["version"],
  ["numbers"],
  ["isa"],
  ["machine"],
  ["devices"],
  ["loaders"],
  ["pc"],
  ["hypervisors"],
  ["guests"],
  ["theory", "operations"],
  ["plain data"],
  ["views"],
  ["experiments", "exercises"],
  ["explore"],
  ["player"],
  ["index"],
]

/** Files that stand lower than their folder: outputs carry experiments and exercises as plain data. */
const LOWER: Readonly<Record<string, string>> = {
  "experiments/experiment": "plain data",
  "exercises/exercise": "plain data",
}

const project = fileURLToPath(new URL("..", import.meta.url))
const MADE = new Set(["node_modules", "dist", "esm", "lib", "labextension"])

interface Import {
  readonly file: string
  readonly target: string
}

test("imports in src run one way, from a layer to those before it", () => {
  const wrong = importsIn("src").filter(({ file, target }) => isRelative(target) && !mayImport(file, target))
  expect(wrong.map(asText)).toEqual([])
})

test("src imports nothing but its own files", () => {
  const wrong = importsIn("src").filter(({ target }) => !isRelative(target))
  expect(wrong.map(asText)).toEqual([])
})

test.each(["kernel", "lessons"])("%s uses ringlab by its public name only", (folder) => {
  const wrong = importsIn(folder).filter(
    ({ file, target }) => target.startsWith("ringlab/") || leaves(folder, file, target),
  )
  expect(wrong.map(asText)).toEqual([])
})

test("every part of src stands in a layer", () => {
  const parts = new Set(importsIn("src").map(({ file }) => partOf(join(project, file))))
  expect([...parts].filter((part) => layerOf(part) < 0)).toEqual([])
})

function mayImport(file: string, target: string): boolean {
  const from = partOf(join(project, file))
  const to = partOf(join(project, dirname(file), target))
  return from === to || layerOf(to) < layerOf(from)
}

/** The folder of src/ that a file lies in, or its own name when it lies in src/ itself. */
function partOf(file: string): string {
  const name = relative(join(project, "src"), file)
    .replace(/\.\w+$/, "")
    .replaceAll(sep, "/")
  return LOWER[name] ?? name.split("/")[0]
}

function layerOf(part: string): number {
  return LAYERS.findIndex((layer) => layer.includes(part))
}

function leaves(folder: string, file: string, target: string): boolean {
  return isRelative(target) && relative(folder, join(dirname(file), target)).startsWith("..")
}

function isRelative(target: string): boolean {
  return target.startsWith(".")
}

function importsIn(folder: string): Import[] {
  return sourcesIn(folder).flatMap((file) =>
    ts
      .preProcessFile(readFileSync(join(project, file), "utf8"))
      .importedFiles.map(({ fileName }) => ({ file, target: fileName })),
  )
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(project, folder)).flatMap((name) => {
    const path = join(folder, name)
    if (MADE.has(name)) return []
    return statSync(join(project, path)).isDirectory() ? sourcesIn(path) : /\.m?ts$/.test(name) ? [path] : []
  })
}

function asText({ file, target }: Import): string {
  return `${file} imports ${target}`
}
