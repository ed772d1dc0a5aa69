import { rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { SmallProject } from "./small-project"

let project: SmallProject
beforeEach(() => {
  project = new SmallProject()
  project.write("src/build.mjs", makes("dist/index.js", "dist/index.d.ts", "esm/index.js"))
  project.write("kernel/build.mjs", makes("dist/main.js"))
  project.write("lessons/build.mjs", makes("labextension/package.json"))
  for (const name of ["src", "kernel", "lessons"]) {
    project.write(`${name}/package.json`, {
      name: `small-${name}`,
      version: "1.0.0",
      scripts: { build: "node build.mjs" },
    })
  }
})
afterEach(() => project.remove())

test("a fresh project is built in order, and the second build does nothing", async () => {
  expect(await built()).toEqual(["ringlab", "ringlab-kernel", "ringlab-lessons"])
  expect(await built()).toEqual([])
})

test("a changed source builds its package and those that stand on it again, and no other", async () => {
  await built()
  project.write("lessons/src/widget.ts", "export const changed = true")
  expect(await built()).toEqual(["ringlab-lessons"])
  project.write("src/pc.ts", "export const changed = true")
  expect(await built()).toEqual(["ringlab", "ringlab-kernel", "ringlab-lessons"])
})

test("what was built and then lost is built again", async () => {
  await built()
  rmSync(join(project.folder, "kernel/dist/main.js"))
  expect(await built()).toEqual(["ringlab-kernel"])
})

test("a build that fails says which and shows why", async () => {
  project.write("kernel/build.mjs", 'console.log("main.ts(3,5): error"); process.exit(1)')
  const ended = await project.node(["kernel/launch/build.mjs"])
  expect(ended.output).toContain("main.ts(3,5): error")
  expect(ended.output).toContain("ringlab-kernel could not be built: mend what is shown above")
  expect(ended.code).toBe(1)
})

test("after a build that failed its package is built again, even if its sources are as they were before", async () => {
  await built()
  const good = makes("dist/main.js")
  project.write("kernel/src/main.ts", "mistake")
  project.write("kernel/build.mjs", "process.exit(1)")
  await built()
  rmSync(join(project.folder, "kernel/src"), { recursive: true })
  project.write("kernel/build.mjs", good)
  expect(await built()).toEqual(["ringlab-kernel"])
})

/** A build script that writes these files, from the folder it runs in. */
function makes(...files: string[]): string {
  return `import { mkdirSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
for (const file of ${JSON.stringify(files)}) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, "made")
}`
}

/** Build, and give the names of the packages that were built. */
async function built(): Promise<string[]> {
  const { output } = await project.node(["kernel/launch/build.mjs"])
  return [...output.matchAll(/^Build (\S+) …/gm)].map((match) => match[1])
}
