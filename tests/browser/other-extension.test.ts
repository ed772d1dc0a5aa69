import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Lab, openPage, startLab } from "./lab"

const project = fileURLToPath(new URL("../..", import.meta.url))
const { resolve } = createRequire(import.meta.url)

/** A whole extension of somebody else, as its maker would write it. */
const MANIFEST = {
  name: "other-lessons",
  version: "1.0.0",
  license: "MIT",
  main: "index.js",
  dependencies: { "ringlab-lessons": "0.1.0" },
  jupyterlab: {
    extension: true,
    outputDir: "made/other-lessons",
    sharedPackages: { "ringlab-lessons": { bundled: false, singleton: true } },
  },
}
const SOURCE = `import { ILessons } from "ringlab-lessons"

const lesson = { id: "mine", title: "A lesson of mine", notebook: "mine.ipynb", rank: 25, exercises: [] }

export default {
  id: "other-lessons:mine",
  autoStart: true,
  requires: [ILessons],
  activate: (_app, lessons) => lessons.add(lesson),
}`
/** What its maker's compiler reads of ours. */
const TYPED = `import { ILessons, type Lesson } from "ringlab-lessons"
export const addTo = (lessons: ILessons, lesson: Lesson) => lessons.add(lesson)
// @ts-expect-error a lesson needs more than an id
export const wrong = (lessons: ILessons) => lessons.add({ id: "mine" })`

/** Inside the project, since packages are looked for from there upward. */
let folder: string
let lab: Lab
beforeAll(async () => {
  folder = mkdtempSync(join(project, ".ringlab", "extension-"))
  writeFileSync(join(folder, "package.json"), JSON.stringify(MANIFEST))
  writeFileSync(join(folder, "index.js"), SOURCE)
  writeFileSync(join(folder, "typed.ts"), TYPED)
  const builder = join(dirname(resolve("@jupyter/builder/package.json")), "lib", "build-labextension.js")
  const core = join(project, "lessons", "lib", "core", "package.json")
  const { status, stdout } = run(builder, "--core-package-file", core, folder)
  if (status !== 0) throw new Error(stdout)
  lab = await startLab({ extensions: join(folder, "made") })
})
afterAll(async () => {
  await lab?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const run = (file: string, ...args: string[]) =>
  spawnSync(process.execPath, [file, ...args], { cwd: folder, encoding: "utf8" })

test("a lesson that another extension adds stands in its place in the course panel", async () => {
  const page = await openPage(lab)
  await page.getByRole("tab", { name: "Course" }).click()
  const titles = await page.locator(".rl-lesson-title").allTextContents()
  expect(titles.slice(0, 4)).toEqual(["Welcome", "Rings", "A lesson of mine", "Traps"])
})

test("its compiler knows what a lesson is", () => {
  const options =
    "--noEmit --strict --module es2022 --moduleResolution bundler --target es2022 --skipLibCheck"
  const { stdout } = run(resolve("typescript/bin/tsc"), ...options.split(" "), "typed.ts")
  expect(stdout).toBe("")
})
