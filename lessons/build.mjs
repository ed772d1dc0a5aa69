/**
 * Build the extension: TypeScript to lib/, then lib/ to labextension/, which is what JupyterLab loads.
 * JupyterLab's builder wants to know which packages JupyterLab itself brings; @jupyterlab/core-meta says so,
 * so that no Python is needed. `ringlab` must be built before.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = dirname(fileURLToPath(import.meta.url))
const made = join(here, "labextension", "package.json")
const require = createRequire(import.meta.url)

function run(file, args) {
  const { status } = spawnSync(process.execPath, [file, ...args], { cwd: here, stdio: "inherit" })
  if (status !== 0) process.exit(status ?? 1)
}

/** The folder of a package, also of one whose `exports` hide its package.json. */
function packageFolder(name) {
  return dirname(require.resolve(`${name}/package.json`))
}

/**
 * A list of what JupyterLab brings, with our ranges for what we use of it. As it comes, the list has the ranges of one
 * release, and under any other the extension would warn that it was not made for it.
 */
function coreFile() {
  const core = readJson(join(packageFolder("@jupyterlab/core-meta"), "core.package.json"))
  const { dependencies } = readJson(join(here, "package.json"))
  const ranges = Object.entries(dependencies).filter(([name]) => name in core.resolutions)
  const file = join(here, "lib", "core", "package.json")
  writeJson(file, { ...core, resolutions: { ...core.resolutions, ...Object.fromEntries(ranges) } })
  return file
}

/** npm's own fields and scripts are of no use to JupyterLab. */
function tidyManifest() {
  const { scripts, devDependencies, ...manifest } = readJson(made)
  writeJson(made, manifest)
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"))
}

function writeJson(file, value) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
}

rmSync(join(here, "lib"), { recursive: true, force: true })
run(join(packageFolder("typescript"), "bin", "tsc"), ["-p", "tsconfig.json"])
run(join(packageFolder("@jupyter/builder"), "lib", "build-labextension.js"), [
  "--core-package-file",
  coreFile(),
  here,
])
tidyManifest()
