import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
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
  ["parts"],
  ["guests"],
  ["theory", "operations"],
  ["plain data"],
  ["views"],
  ["experiments", "exercises"],
  ["explore"],
  ["lessons"],
  ["player"],
  ["index"],
]

/** The rooms of src/machine, as the layers above: processor, then what it does with events and gates, then what runs it. */
const ROOMS: readonly (readonly string[])[] = [
  ["events"],
  ["board"],
  ["address"],
  ["processor"],
  ["protection"],
  ["delivery"],
  ["cpu"],
  ["engines"],
  ["machine"],
  ["time"],
]

/** The one circle: what an instruction is, its operands, and the table's notation name each other's types. */
const CIRCLES = [["src/isa/notation.ts", "src/isa/operand.ts", "src/isa/processor.ts"]]
const LONGEST_FILE = 400
const MOST_FLAT = 8

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

test("imports in src/machine run one way, from a room to those before it", () => {
  const wrong = importsIn("src/machine").filter(({ file, target }) => {
    const [from, to] = [roomOf(file), roomOf(join(dirname(file), target))]
    return to !== undefined && from !== to && rankOf(ROOMS, to) >= rankOf(ROOMS, from as string)
  })
  expect(wrong.map(asText)).toEqual([])
})

test("every part of src/machine is a room, and few files lie beside the rooms", () => {
  const files = sourcesIn(join("src", "machine"))
  expect(files.filter((file) => rankOf(ROOMS, roomOf(file) as string) < 0)).toEqual([])
  expect(files.filter((file) => dirname(file) === join("src", "machine")).length).toBeLessThanOrEqual(
    MOST_FLAT,
  )
})

test("files in src import each other in no circle but the instruction set's", () => {
  expect(circlesIn("src")).toEqual(CIRCLES)
})

test("no source file is longer than a reader's patience", () => {
  const long = ["src", "kernel", "lessons"]
    .flatMap(sourcesIn)
    .map((file) => ({ file, lines: readFileSync(join(project, file), "utf8").split("\n").length - 1 }))
  expect(long.filter(({ lines }) => lines > LONGEST_FILE)).toEqual([])
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
  return rankOf(LAYERS, part)
}

function rankOf(layers: readonly (readonly string[])[], part: string): number {
  return layers.findIndex((layer) => layer.includes(part))
}

/** The folder of src/machine that a file lies in, or its own name; undefined: it lies elsewhere. */
function roomOf(file: string): string | undefined {
  const [, src, machine, room] = `/${file.split(sep).join("/")}`.split("/")
  return src === "src" && machine === "machine" ? room.replace(/\.ts$/, "") : undefined
}

/** Files that lead back to themselves by imports, each group in the order of its names. */
function circlesIn(folder: string): string[][] {
  const targets = new Map<string, string[]>()
  for (const { file, target } of importsIn(folder))
    targets.set(file, [...(targets.get(file) ?? []), fileOf(join(dirname(file), target))])
  const reach = new Map([...targets.keys()].map((file) => [file, reachable(file, targets)]))
  const circles = [...reach].flatMap(([file, found]) =>
    found.has(file) ? [[...found].filter((other) => reach.get(other)?.has(file)).sort()] : [],
  )
  return [...new Map(circles.map((circle) => [circle.join(), circle])).values()]
}

function reachable(file: string, targets: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set(targets.get(file) ?? [])
  for (const next of found) for (const target of targets.get(next) ?? []) found.add(target)
  return found
}

/** The file that an import names. */
function fileOf(path: string): string {
  return existsSync(join(project, `${path}.ts`)) ? `${path}.ts` : join(path, "index.ts")
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
