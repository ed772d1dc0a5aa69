/**
 * JupyterLab in other releases than the pinned one.
 *
 *     const python = await jupyterLabIn("4.0.0")   // .ringlab/jupyterlab-4.0.0, with our kernel and extension in it
 *     const lab = await startLab({ python })
 */
import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { environment, environmentPython, inProject, pythonOf } from "../../kernel/launch/places.mjs"
import { stamped } from "../../kernel/launch/steps.mjs"
import { privateVariables } from "../../kernel/launch/variables.mjs"

/** The oldest release that the extension is for. */
export const OLDEST = "4.0.0"

/**
 * An environment with one release of JupyterLab, made once. All else comes from the private environment on which it
 * stands, so that it costs seconds and not a minute.
 * @returns its Python
 */
export async function jupyterLabIn(release: string): Promise<string> {
  const folder = inProject(".ringlab", `jupyterlab-${release}`)
  const made = stamped({
    name: `jupyterlab-${release}`,
    title: `Make an environment with JupyterLab ${release}`,
    reads: [".ringlab/stamps/jupyterlab"],
    makes: [pythonOf(folder)],
    make: () => makeEnvironment(folder, release),
  })
  if (!made.done()) await made.make()
  putIn(folder)
  return pythonOf(folder)
}

function makeEnvironment(folder: string, release: string): void {
  rmSync(folder, { recursive: true, force: true })
  run(environmentPython(), "-m", "venv", "--without-pip", folder)
  const [below, above] = [environmentPython(), pythonOf(folder)].map(packagesOf)
  writeFileSync(join(above, "private-environment.pth"), `${below}\n`)
  const options = [
    "--quiet",
    "--no-input",
    "--disable-pip-version-check",
    "--only-binary",
    ":all:",
    "--no-deps",
  ]
  run(
    environmentPython(),
    "-m",
    "pip",
    "--python",
    pythonOf(folder),
    "install",
    ...options,
    `jupyterlab==${release}`,
  )
}

const packagesOf = (python: string): string =>
  run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").trim()

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8", env: privateVariables() })
}

/** Our kernel and our extension as they are now, where an installed wheel has them. */
function putIn(folder: string): void {
  const share = (root: string, ...path: string[]) => join(root, "share", "jupyter", ...path)
  const extension = share(folder, "labextensions", "ringlab-lessons")
  rmSync(extension, { recursive: true, force: true })
  cpSync(inProject("lessons", "labextension"), extension, { recursive: true })
  cpSync(share(environment, "kernels", "ringlab"), share(folder, "kernels", "ringlab"), { recursive: true })
}

/** What `jupyter labextension list` says of our extension: one line. */
export function listed(python: string): string {
  const args = ["-m", "jupyterlab.labextensions", "list"]
  const { stdout, stderr } = spawnSync(python, args, { encoding: "utf8", env: privateVariables() })
  return (stdout + stderr).split("\n").find((line) => line.includes("ringlab-lessons v")) ?? stdout + stderr
}
