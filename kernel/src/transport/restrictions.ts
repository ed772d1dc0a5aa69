import { readdirSync, realpathSync } from "node:fs"
import { dirname, join } from "node:path"

/**
 * Options of Node for a session's process that may read its own packages and what lies beside the notebook, but no
 * notebook: in nbgrader's folders those hold tests that are still hidden. It may write nothing and start no programs.
 * @param folder where the notebook lies
 * @throws an Error with a sentence, if the folder's own path would be read as a pattern
 */
export function restrictions(folder: string): string[] {
  if (HAS_MEANING.test(folder))
    throw new Error(
      `The kernel cannot grade in ${folder}, since Node.js gives * and , in a path a meaning of their own: rename the folder.`,
    )
  const readable = [...ownFolders(), ...besideNotebook(folder)]
  return [PERMISSION, "--allow-worker", ...QUIET, ...readable.map((path) => `--allow-fs-read=${path}`)]
}

/** In an option of Node, `*` stands for anything, and a comma ended a path until version 20. */
const HAS_MEANING = /[*,]/

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

/** What kind of thing a folder holds under a name. */
type Entry = ReturnType<typeof entriesOf>[number]

const entriesOf = (folder: string) => readdirSync(folder, { withFileTypes: true })

/** Files and folders that a submission may bring along. A link leads elsewhere, and a notebook holds tests. */
function besideNotebook(folder: string): string[] {
  return entriesOf(folder)
    .filter((entry) => isPlain(folder, entry))
    .map((entry) => (entry.isDirectory() ? join(folder, entry.name, "*") : join(folder, entry.name)))
}

/** A regular file, or a folder with nothing else in it, with names that Node takes as they are. */
function isPlain(folder: string, entry: Entry): boolean {
  if (HAS_MEANING.test(entry.name) || NOTEBOOK.test(entry.name)) return false
  const inside = join(folder, entry.name)
  return entry.isDirectory() ? entriesOf(inside).every((one) => isPlain(inside, one)) : entry.isFile()
}

/** Some file systems do not tell large letters from small ones. */
const NOTEBOOK = /\.ipynb$|^\.ipynb_checkpoints$/i
