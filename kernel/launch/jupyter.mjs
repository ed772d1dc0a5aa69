// JupyterLab in the private environment: it sees our kernel and our extension, and touches nothing else.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { environment, environmentPython, inProject, jupyterState, privateFolder, project } from "./places.mjs"
import { run } from "./run.mjs"
import { stamped } from "./steps.mjs"
import { privateVariables } from "./variables.mjs"

const share = join(environment, "share", "jupyter")
const kernelSpec = join(share, "kernels", "ringlab")
const extension = join(share, "labextensions", "ringlab-lessons")

// JupyterLab runs JavaScript files of its own that are no modules, and Node asks the nearest package.json.
const moduleKind = join(privateFolder, "package.json")

/** Put the kernel's description and the extension into the private environment. */
export const registered = stamped({
  name: "registered",
  title: "Put the kernel and the extension into JupyterLab",
  reads: ["kernel/kernelspec", "kernel/launch/jupyter.mjs", ".ringlab/stamps/build-ringlab-lessons"],
  also: `${project} ${process.execPath}`,
  makes: [join(kernelSpec, "kernel.json"), join(extension, "package.json"), moduleKind],
  make: register,
})

function register() {
  replaceFolder(inProject("kernel", "kernelspec"), kernelSpec)
  const description = join(kernelSpec, "kernel.json")
  writeFileSync(description, fillIn(readFileSync(description, "utf8")))
  replaceFolder(inProject("lessons", "labextension"), extension)
  writeJson(join(share, "lab", "settings", "overrides.json"), QUIET_SETTINGS)
  writeJson(moduleKind, { type: "commonjs" })
}

/** Fill in the places that the template of kernel.json leaves open: this Node, and the kernel's folder. */
function fillIn(template) {
  const places = { "{node}": process.execPath, "{kernel}": inProject("kernel") }
  const spec = JSON.parse(template)
  const filled = (text) => Object.entries(places).reduce((all, [name, path]) => all.replace(name, path), text)
  return JSON.stringify({ ...spec, argv: spec.argv.map(filled) }, null, 2)
}

const QUIET_SETTINGS = {
  "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false },
}

/**
 * Parts of JupyterLab that have no place here: packages come from this project, not from an extension manager; and what
 * nbgrader brings along for its own windows is a teacher's, and would only slow a student's start.
 */
const PAGE_SETTINGS = {
  disabledExtensions: {
    "@jupyterlab/extensionmanager-extension": true,
    "@jupyter/nbgrader": true,
    "@jupyter-notebook/lab-extension": true,
    "@jupyter-widgets/jupyterlab-manager": true,
  },
}

/** Server extensions that nbgrader brings along. Grading itself is done on the command line and needs none of them. */
const QUIET_SERVER_EXTENSIONS = {
  "nbgrader.server_extensions.assignment_list": false,
  "nbgrader.server_extensions.course_list": false,
  "nbgrader.server_extensions.formgrader": false,
  "nbgrader.server_extensions.validate_assignment": false,
  notebook: false,
}

/**
 * What JupyterLab is told. It listens on this machine only, with its token, and talks to kernels encrypted; it asks the internet for no news,
 * updates or extensions; and it offers only the kernels of the private environment.
 */
function serverSettings() {
  return {
    ServerApp: {
      ip: "127.0.0.1",
      root_dir: project,
      answer_yes: true, // Ctrl-C ends it without a question
      allow_root: process.getuid?.() === 0,
    },
    LabApp: {
      default_url: "/lab/tree/notebooks/00-welcome.ipynb",
      extension_manager: "readonly",
      news_url: null,
      check_for_updates_class: "jupyterlab.NeverCheckForUpdate",
      labextensions_path: [join(share, "labextensions")],
    },
    LanguageServerManager: { autodetect: false },
    KernelSpecManager: { allowed_kernelspecs: ["ringlab", "python3"] },
    KernelManager: { transport_encryption: "auto" }, // other accounts of this computer could listen to the kernel's ports
  }
}

/**
 * Run JupyterLab until it ends.
 * @param {readonly string[]} options the person's own options, which go before ours
 * @returns {Promise<number>} its exit code
 */
export function runJupyterLab(options) {
  const configuration = join(jupyterState, "config")
  writeJson(join(configuration, "jupyter_lab_config.json"), serverSettings())
  writeJson(join(configuration, "jupyter_server_config.json"), {
    ServerApp: { jpserver_extensions: QUIET_SERVER_EXTENSIONS },
  })
  writeJson(join(configuration, "labconfig", "page_config.json"), PAGE_SETTINGS)
  return run(environmentPython(), ["-m", "jupyterlab", ...options], { env: privateVariables() })
}

function replaceFolder(from, to) {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true })
}

function writeJson(file, value) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
}
