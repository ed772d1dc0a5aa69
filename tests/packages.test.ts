import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"

const project = fileURLToPath(new URL("..", import.meta.url))
const require = createRequire(import.meta.url)

/** A folder inside the project, as notebooks/ is: packages are looked for from there upward. */
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(project, ".ringlab", "packages-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The compiler that stock tslab brings. */
const TSLAB_TYPESCRIPT = "@tslab/typescript-for-tslab"

/** How stock tslab reads cells, with the checks of libraries on. */
const TSLAB = {
  module: "CommonJS",
  moduleResolution: "Node10",
  target: "ES2020",
  strict: true,
  skipLibCheck: false,
  noEmit: true,
  types: [],
}

test("ringlab's declarations compile with TypeScript 5.0.4, libraries checked", () => {
  const cell = 'import * as ringlab from "ringlab"\nexport const names: string[] = Object.keys(ringlab)\n'
  expect(compile(cell)).toBe("")
})

test("a name that ringlab does not have is an error there, so the types are really read", () => {
  expect(compile('import { noSuchName } from "ringlab"\nexport const wrong = noSuchName\n')).toContain(
    "TS2305",
  )
})

test("that compiler, the one in stock tslab, is TypeScript 5.0.4", () => {
  expect(require(`${TSLAB_TYPESCRIPT}/package.json`).version).toBe("5.0.4")
})

test("a cell can require ringlab as CommonJS, and gets every public name that the sources have", async () => {
  const built = createRequire(join(folder, "cell.cjs"))("ringlab")
  const source = await import("../src/index")
  expect(Object.keys(built).sort()).toEqual(Object.keys(source).sort())
})

test.each([".", "src", "kernel", "lessons"])("%s carries the licence", (name) => {
  expect(existsSync(join(project, name, "LICENSE"))).toBe(true)
})

/** What TypeScript 5.0.4 says of a cell: nothing, if all is well. */
function compile(cell: string): string {
  writeFileSync(join(folder, "cell.ts"), cell)
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: TSLAB, files: ["cell.ts"] }))
  const tsc = require.resolve(`${TSLAB_TYPESCRIPT}/lib/tsc.js`)
  return spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" }).stdout
}
