import { readdirSync, realpathSync } from "node:fs"
import { dirname, join } from "node:path"

/**
 * Options of Node for a session's process that may read its own packages and what lies beside the notebook, but no
 * notebook: in nbgrader's folders those hold tests that are still hidden. It may write nothing and start no programs.
 * @param folder where the notebook lies
 */
export function restrictions(folder: string): string[] {
  const readable = [...ownFolders(), ...besideNotebook(folder)]
  return [PERMISSION, "--allow-worker", ...QUIET, ...readable.map((path) => `--allow-fs-read=${path}`)]
}

/** The option's name changed when Node thought it mature. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission"

/** Node would write about permissions into the first cell's output. */
const QUIET = ["--disable-warning=ExperimentalWarning", "--disable-warning=SecurityWarning"]

/** The kernel, and the packages that it and its cells use, by the names under which they may be asked for. */
function ownFolders(): string[] {
  const kernel = dirname(dirname(__dirname))
  const packages = ["typescript", "ringlab"].map((name) => dirname(require.resolve(`${name}/package.json`)))
  const installed = dirname(packages[0])
  const real = [kernel, installed, ...packages].map((path) => realpathSync(path))
  return [...new Set([kernel, installed, ...real])].map((path) => join(path, "*"))
}

function besideNotebook(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.endsWith(".ipynb") && name !== ".ipynb_checkpoints")
    .map((entry) => (entry.isDirectory() ? join(folder, entry.name, "*") : join(folder, entry.name)))
}
