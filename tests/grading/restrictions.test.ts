import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { shortEnvironment } from "../../kernel/src/transport/environment"
import { isGraded } from "../../kernel/src/transport/grading"
import { restrictions } from "../../kernel/src/transport/restrictions"
import { requireTriedNode } from "../../kernel/src/transport/tried-nodes"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ringlab-beside-"))
  for (const name of ["plain", "linked", "starred", "deep", "deep/er"]) mkdirSync(join(folder, name))
  for (const name of ["data.txt", "plain/data.txt", "deep/er/data.txt", "r*", "a,b", "TESTS.IPYNB"])
    writeFileSync(join(folder, name), "")
  for (const name of ["tests.ipynb", "starred/*", "deep/er/tests.ipynb"])
    writeFileSync(join(folder, name), "")
  symlinkSync(join(folder, "tests.ipynb"), join(folder, "link.txt"))
  symlinkSync(folder, join(folder, "linked/link"))
  execFileSync("mkfifo", [join(folder, "pipe")])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a session may read of a folder, by names in it. */
const readable = (folder: string): string[] =>
  restrictions(folder)
    .filter((option) => option.includes(folder))
    .map((option) => option.replace(`--allow-fs-read=${folder}/`, ""))

describe.runIf(process.platform !== "win32")("a session that is graded", () => {
  test("may read plain files with plain names, and folders of such: no links, no patterns, no notebooks", () => {
    expect(readable(folder)).toEqual(["data.txt", "plain/*"])
  })

  test("is refused in a folder whose path would be a pattern", () => {
    expect(() => restrictions("/tmp/a*b")).toThrow("rename the folder")
  })
})

test("a session that is graded sees the language of its environment, and nothing else", () => {
  expect(
    shortEnvironment({ LANG: "de", HOME: "/home/me", PASSWORD: "x", NODE_OPTIONS: "--require x" }),
  ).toEqual({
    LANG: "de",
  })
})

describe("grading under a version of Node.js", () => {
  test.each(["20.20.2", "22.23.5", "24.22.3"])("%s is tried, and is allowed", (version) => {
    expect(() => requireTriedNode(version)).not.toThrow()
  })

  test.each(["18.20.0", "20.0.0", "21.7.0", "22.99.0", "26.0.0"])("%s is not, and is refused", (version) => {
    expect(() => requireTriedNode(version)).toThrow(`The kernel does not grade under Node.js ${version}`)
  })

  test("is refused before anything runs, with a sentence in the terminal", () => {
    const main = fileURLToPath(new URL("../../kernel/dist/main.js", import.meta.url))
    const other = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "99.0.0" } })`
    const options = ["--import", `data:text/javascript,${other}`, main, "--connection", "none", "--grading"]
    const { status, stderr } = spawnSync(process.execPath, options, { encoding: "utf8" })
    expect(stderr).toMatch(
      /^The kernel does not grade under Node\.js 99\.0\.0, because .*: install one of .*, or a newer ringlab\.\n$/,
    )
    expect(status).toBe(1)
  })
})

/** Characters: whoever begins anew at each place takes longer than any test may. */
const LONG = 2_000_000

describe("a cell is a graded cell", () => {
  test.each([
    'import { answer } from "notebook"',
    "import { answer } from 'notebook'",
    '  import{answer}from"notebook"',
    '/* a */ let a = "b"\nimport {\n  answer,\n} from\n"notebook"; 1',
    'import * as n from "x"; \nimport n from "notebook"',
  ])("%j", (code) => expect(isGraded(code)).toBe(true))

  test.each([
    'let x = "notebook"',
    'import { x } from "notebook.js"',
    "import { x } from \"notebook'",
    'const from = "notebook"',
    '// import from "notebook"',
    'import "x"; const from = "notebook"',
    "import x from ;notebook;",
  ])("but not %j", (code) => expect(isGraded(code)).toBe(false))

  test.each([
    ["import", "import\n"],
    ["from", "import from "],
    ["quotes", "'\""],
    ["spaces", "from        "],
    ["modules", 'import from "notebook" \n'.replace("notebook", "notebooks")],
    ["tabs", "\t"],
  ])("of a long cell of %s each place is looked at once", (_, piece) => {
    const long = piece.repeat(LONG / piece.length)
    expect([isGraded(long), isGraded(`${long}";import from "notebook"`)]).toEqual([false, true])
  })
})
