// Where everything is. All that the launcher makes lies inside the project folder, most of it in `.ringlab`.
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The project folder: the one that holds package.json, notebooks and this launcher. */
export const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The folder for everything that is made and may be deleted: environment, logs, stamps, Jupyter's own state. */
export const privateFolder = join(project, ".ringlab")

/** The private Python environment. */
export const environment = join(privateFolder, "venv")

/** Where Jupyter keeps configuration, data, run-time files and trust; tests put it elsewhere. */
export const jupyterState = process.env.RINGLAB_JUPYTER_STATE ?? join(privateFolder, "jupyter")

/** A path inside the project folder. */
export function inProject(...parts) {
  return join(project, ...parts)
}

/** The private environment's Python. */
export function environmentPython() {
  return pythonOf(environment)
}

/** The Python of an environment. Windows keeps programs in `Scripts`, all others in `bin`. */
export function pythonOf(folder) {
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python")
}
