// The environment variables of the private environment's programs.
import { join } from "node:path"
import { jupyterState } from "./places.mjs"

const STATE_FOLDERS = {
  JUPYTER_CONFIG_DIR: "config",
  JUPYTER_DATA_DIR: "data",
  JUPYTER_RUNTIME_DIR: "runtime",
  JUPYTERLAB_SETTINGS_DIR: "settings",
  JUPYTERLAB_WORKSPACES_DIR: "workspaces",
  IPYTHONDIR: "ipython",
}

/**
 * The environment variables for every program of the private environment: the user's own Jupyter and Python
 * settings are left out, and each Jupyter folder lies in the project.
 */
export function privateVariables(state = jupyterState) {
  const foreign = /^(JUPYTER|JUPYTERLAB|IPYTHON|PYTHON|VIRTUAL_ENV|CONDA)/
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name))
  const folders = Object.entries(STATE_FOLDERS).map(([name, folder]) => [name, join(state, folder)])
  return {
    ...Object.fromEntries([...kept, ...folders]),
    JUPYTER_PREFER_ENV_PATH: "1",
    PYTHONNOUSERSITE: "1",
  }
}
