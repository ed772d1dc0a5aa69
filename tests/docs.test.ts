import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { describe, expect, test } from "vitest"

const project = fileURLToPath(new URL("..", import.meta.url))
const read = (file: string) => readFileSync(join(project, file), "utf8")

describe.each(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])("%s", (file) => {
  test("its links lead to files that are there", () => {
    const links = [...read(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g), ...read(file).matchAll(/src="([^"]+)"/g)]
    const local = links.map((match) => match[1]).filter((link) => !/^[a-z]+:/.test(link))
    expect(local.filter((link) => !existsSync(join(project, link)))).toEqual([])
  })

  test("the npm scripts it names are there", () => {
    const scripts = Object.keys(JSON.parse(read("package.json")).scripts)
    const named = [...read(file).matchAll(/npm (?:run ([\w:-]+)|(start|test))/g)]
    expect(named.map((match) => match[1] ?? match[2]).filter((name) => !scripts.includes(name))).toEqual([])
  })
})

test("each TypeScript snippet of README.md prints what README.md says", () => {
  const snippets = [...read("README.md").matchAll(/```ts\n(.*?)```\s*```text\n(.*?)```/gs)]
  expect(snippets.length).toBeGreaterThan(0)
  for (const [, code, output] of snippets) expect(printed(code)).toBe(output)
})

test("the picture in README.md is what its snippet draws today", async () => {
  const [, code] = /```ts\n(.*?)```/s.exec(read("README.md")) ?? []
  const drawn = printed(`${code.replace(/^for .*$/m, "")}\nprocess.stdout.write(run.svg(23, 1000))`)
  // With `-u` the file is drawn anew.
  await expect(drawn).toMatchFileSnapshot("../notebooks/images/trap.svg")
})

test("the teacher's guide sends nobody into a folder where its commands do not work", () => {
  const commands = read("notebooks/assignment/README.md").match(/\bnpm [^`'\n]+/g) ?? []
  expect(commands.length).toBeGreaterThan(0)
  expect(
    commands.filter((command) => !command.startsWith("npm --prefix /path/to/ringlab run nbgrader --")),
  ).toEqual([])
})

test("README.md counts the vectors as they are", () => {
  const claim = (words: RegExp) => Number(read("README.md").match(words)?.[1].replaceAll(",", ""))
  expect(claim(/([\d,]+) single instructions/)).toBe(linesIn("silicon"))
  expect(claim(/([\d,]+) lines of assembly/)).toBe(linesIn("nasm"))
  expect(claim(/([\d,]+) programs/)).toBe(vectorFiles("gcc").filter((file) => file !== "index.txt").length)
})

test("every name that ringlab exports has a doc comment", () => {
  expect(undocumentedNames()).toEqual([])
})

function vectorFiles(folder: string): string[] {
  return readdirSync(join(project, "tests/vectors", folder)).filter((file) => file.endsWith(".txt"))
}

/** Vectors of a folder: its lines but for empty ones and remarks. */
function linesIn(folder: string): number {
  const lines = vectorFiles(folder).flatMap((file) => read(`tests/vectors/${folder}/${file}`).split("\n"))
  return lines.filter((line) => line !== "" && !line.startsWith("#")).length
}

/** What a snippet prints when it runs as a notebook cell would, with the built package. */
function printed(code: string): string {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  })
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=commonjs", "-"], {
    cwd: project,
    input: outputText,
    encoding: "utf8",
  })
  return stdout + stderr
}

/** The public names of ringlab that Shift-Tab in a notebook would say nothing about. */
function undocumentedNames(): string[] {
  const options = {
    target: ts.ScriptTarget.ES2022,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    types: [],
  }
  const program = ts.createProgram([join(project, "src/index.ts")], options)
  const checker = program.getTypeChecker()
  const index = checker.getSymbolAtLocation(program.getSourceFile(join(project, "src/index.ts")) as ts.Node)
  const original = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  return checker
    .getExportsOfModule(index as ts.Symbol)
    .filter((symbol) => original(symbol).getDocumentationComment(checker).length === 0)
    .map((symbol) => symbol.name)
}
