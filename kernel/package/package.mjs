// `npm run package`: one Python wheel with the kernel, its description, and JupyterLab's extension.
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { alone } from "../launch/lock.mjs"
import { environmentPython, inProject, privateFolder } from "../launch/places.mjs"
import { lastLines, runLogged } from "../launch/run.mjs"
import { carryOut, stamped } from "../launch/steps.mjs"
import { Trouble } from "../launch/trouble.mjs"
import { privateVariables } from "../launch/variables.mjs"
import { copyKernel } from "./contents.mjs"

const together = join(privateFolder, "package")
const made = inProject("dist")
const { version } = JSON.parse(readFileSync(inProject("package.json"), "utf8"))

const wheel = join(made, `ringlab-${version}-py3-none-any.whl`)

const packaged = stamped({
  name: "package",
  title: "Put the kernel and the extension into a wheel",
  reads: ["package.json", "package-lock.json", "LICENSE", "src", "kernel", "lessons"],
  makes: [wheel],
  make: makeWheel,
})

async function makeWheel() {
  putTogether()
  rmSync(wheel, { force: true })
  const options = ["--no-deps", "--no-input", "--disable-pip-version-check", "--wheel-dir", made]
  const args = ["-m", "pip", "wheel", ...options, together]
  const { code, output, log } = await runLogged("package", environmentPython(), args, {
    env: privateVariables(),
  })
  if (code === 0) return
  throw new Trouble(
    `pip could not make the wheel: check the network, since it fetches hatchling for it (all it said is in ${log}).`,
    lastLines(output),
  )
}

function putTogether() {
  rmSync(together, { recursive: true, force: true })
  mkdirSync(together, { recursive: true })
  for (const file of ["package.json", "LICENSE"]) cpSync(inProject(file), join(together, file))
  for (const file of ["pyproject.toml", "README.md", "ringlab_papermill.py"])
    cpSync(inProject("kernel", "package", file), join(together, file))
  putKernel(join(together, "kernel"))
  putExtension(join(together, "extension"))
}

function putKernel(folder) {
  copyKernel(folder)
  const description = join(folder, "kernel.json")
  const spec = JSON.parse(readFileSync(description, "utf8"))
  writeJson(description, { ...spec, argv: START })
}

/** Jupyter puts its own Python in the place of `python`, and the kernel's folder in that of `{resource_dir}`. */
const START = ["python", "{resource_dir}/start.py", "--connection", "{connection_file}"]

/** JupyterLab tells people by install.json what brought an extension, and how to be rid of it. */
function putExtension(folder) {
  cpSync(inProject("lessons", "labextension"), folder, { recursive: true })
  writeJson(join(folder, "install.json"), {
    packageManager: "python",
    packageName: "ringlab",
    uninstallInstructions:
      "Use your Python package manager (pip, conda, …) to uninstall the package ringlab.",
  })
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
}

/**
 * Make the wheel, if it is not there yet, and say where it is.
 * @returns {Promise<number>} an exit code
 */
export async function makePackage() {
  await alone(() => carryOut([packaged]))
  const size = (statSync(wheel).size / 2 ** 20).toFixed(1)
  console.log(`${wheel} (${size} MiB)`)
  return 0
}
