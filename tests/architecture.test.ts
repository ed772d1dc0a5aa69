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
  ["engines", "ring0"],
  ["machine"],
  ["time"],
]

/**
 * The rooms of kernel/src/session/node, as the layers above: what a process and its threads are given and ended by, then what
 * cells ask their keeper, and what they may reach; then the two threads, and the keeper who starts them.
 */
const NODE_ROOMS: readonly (readonly string[])[] = [
  ["process"],
  ["asking", "doors"],
  ["cells", "compiler"],
  ["keeper"],
]

/** Folders whose files lie in rooms, with the rooms in order. */
const HOUSES: readonly (readonly [folder: string, rooms: readonly (readonly string[])[]])[] = [
  ["src/machine", ROOMS],
  ["kernel/src/session/node", NODE_ROOMS],
]

/** The one circle: what an instruction is, its operands, and the table's notation name each other's types. */
const CIRCLES = [["src/isa/notation.ts", "src/isa/operand.ts", "src/isa/processor.ts"]]
const LONGEST_FILE = 400
const MOST_FLAT = 8

/** Files that stand lower than their folder: outputs carry experiments and exercises as plain data, and exercises give outputs. */
const LOWER: Readonly<Record<string, string>> = {
  "experiments/experiment": "plain data",
  "exercises/exercise": "plain data",
  "views/diagrams/scene": "plain data",
  "views/output": "plain data",
  "views/view": "plain data",
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

test.each(HOUSES)("imports in %s run one way, from a room to those before it", (house, rooms) => {
  const wrong = importsIn(house).filter(({ file, target }) => {
    const [from, to] = [roomOf(house, file), roomOf(house, join(dirname(file), target))]
    return to !== undefined && from !== to && rankOf(rooms, to) >= rankOf(rooms, from as string)
  })
  expect(wrong.map(asText)).toEqual([])
})

test.each(HOUSES)("every part of %s is a room, and few files lie beside the rooms", (house, rooms) => {
  const files = sourcesIn(house)
  expect(files.filter((file) => rankOf(rooms, roomOf(house, file) as string) < 0)).toEqual([])
  expect(files.filter((file) => dirname(file) === join(house)).length).toBeLessThanOrEqual(MOST_FLAT)
})

test("no room of the kernel's part for Node holds more files than a reader keeps in mind", () => {
  const folders = sourcesIn("kernel/src/session/node").map((file) => dirname(file))
  const full = [...new Set(folders)].filter(
    (folder) => folders.filter((other) => other === folder).length > MOST_FLAT,
  )
  expect(full).toEqual([])
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

test("what the kernel is made of, but for Node's own part, runs where there is no Node.js", () => {
  const files = valuesReachable(ANYWHERE)
  expect(files.length).toBeGreaterThan(40)
  expect(files.flatMap((file) => nodeNamesIn(file).map((name) => `${file} names ${name}`))).toEqual([])
})

test("the compiler is known to the converter only", () => {
  const users = importsIn("kernel/src").filter(({ target }) => target === "typescript")
  const outside = users.filter(({ file }) => !file.startsWith(join("kernel", "src", "session", "convert")))
  expect(outside.map(({ file }) => file)).toEqual([NODE_CONVERTER])
})

test("no thread in which cells run loads the compiler", () => {
  const threads = ["worker", "graded-worker"].map((name) => `kernel/src/session/node/cells/${name}.ts`)
  const loaded = valuesReachable(threads).filter((file) => valueImports(file).includes("typescript"))
  expect(loaded).toEqual([])
})

test("an output is drawn without JupyterLab: its types are all that is used", () => {
  const reached = valuesReachable(["lessons/src/output/renderer.ts"])
  const wrong = reached.flatMap((file) =>
    valueImports(file).filter((target) => target.startsWith("@jupyterlab/")),
  )
  expect(wrong).toEqual([])
})

/** The parts of the kernel that a browser could run, too. */
const ANYWHERE = ["session/session", "session/prepared", "session/convert/converter", "transport/kernel"].map(
  (name) => `kernel/src/${name}.ts`,
)
/** The one place that gives the compiler Node's files. */
const NODE_CONVERTER = join("kernel", "src", "session", "node", "compiler", "node-converter.ts")
const OF_NODE = new Set(["process", "Buffer", "require", "__dirname", "__filename", "setImmediate", "global"])

/** Files that a file needs when it runs, itself among them: what it imports for types only is not there then. */
function valuesReachable(files: readonly string[]): string[] {
  const found = new Set(files)
  for (const file of found)
    for (const target of valueImports(file))
      if (isRelative(target)) found.add(fileOf(join(dirname(file), target)))
  return [...found]
}

function valueImports(file: string): string[] {
  return treeOf(file).statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const { moduleSpecifier } = statement
    const isForTypes = ts.isImportDeclaration(statement)
      ? typesOnly(statement.importClause)
      : statement.isTypeOnly
    return moduleSpecifier && !isForTypes ? [(moduleSpecifier as ts.StringLiteral).text] : []
  })
}

function typesOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause || clause.isTypeOnly) return clause !== undefined
  const { namedBindings: names } = clause
  return (
    !clause.name && !!names && ts.isNamedImports(names) && names.elements.every((name) => name.isTypeOnly)
  )
}

/** What only Node has: its modules, its globals, and the compiler's own way to Node's files. */
function nodeNamesIn(file: string): string[] {
  const found = valueImports(file).filter((target) => target.startsWith("node:"))
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && OF_NODE.has(node.text) && isVariable(node)) found.push(node.text)
    if (ts.isPropertyAccessExpression(node) && node.getText() === "ts.sys") found.push("ts.sys")
    ts.forEachChild(node, visit)
  }
  visit(treeOf(file))
  return found
}

/** Is it a value's name, and not a property's, a parameter's or a type's? */
function isVariable({ parent }: ts.Identifier): boolean {
  if (ts.isPropertyAccessExpression(parent))
    return (
      parent.expression.getText() === parent.getText().split(".")[0] && !parent.getText().startsWith("this.")
    )
  return ts.isCallExpression(parent) || ts.isElementAccessExpression(parent)
}

function treeOf(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(project, file), "utf8"), ts.ScriptTarget.ES2023, true)
}

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

/** The folder of a house that a file lies in, or its own name; undefined: it lies elsewhere. */
function roomOf(house: string, file: string): string | undefined {
  const path = file.split(sep).join("/")
  return path.startsWith(`${house}/`)
    ? path
        .slice(house.length + 1)
        .split("/")[0]
        .replace(/\.ts$/, "")
    : undefined
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
