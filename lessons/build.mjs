/**
 * Build the extension: TypeScript to lib/, then lib/ to labextension/, which is what JupyterLab loads.
 * JupyterLab's builder wants to know which packages JupyterLab itself brings; @jupyterlab/core-meta says so,
 * so that no Python is needed. `ringlab` must be built before.
 */
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)

function run(file, args) {
  const { status } = spawnSync(process.execPath, [file, ...args], { cwd: here, stdio: "inherit" })
  if (status !== 0) process.exit(status ?? 1)
}

/** The folder of a package, also of one whose `exports` hide its package.json. */
function packageFolder(name) {
  return dirname(require.resolve(`${name}/package.json`))
}

/** A folder with JupyterLab's own package.json in it, as the builder wants it. */
function coreFolder() {
  const core = join(here, "lib", "core")
  mkdirSync(core, { recursive: true })
  copyFileSync(join(packageFolder("@jupyterlab/core-meta"), "core.package.json"), join(core, "package.json"))
  return core
}

/** npm's own fields and scripts are of no use to JupyterLab. */
function tidyManifest() {
  const file = join(here, "labextension", "package.json")
  const { scripts, devDependencies, ...manifest } = JSON.parse(readFileSync(file, "utf8"))
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
}

rmSync(join(here, "lib"), { recursive: true, force: true })
run(join(packageFolder("typescript"), "bin", "tsc"), ["-p", "tsconfig.json"])
run(join(packageFolder("@jupyterlab/builder"), "lib", "build-labextension.js"), [
  "--core-path",
  coreFolder(),
  here,
])
tidyManifest()
