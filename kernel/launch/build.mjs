// Building the three packages, each from its own sources and from those that it stands on.
import { pathToFileURL } from "node:url"
import { npmProgram } from "./node-packages.mjs"
import { inProject } from "./places.mjs"
import { lastLines, runLogged } from "./run.mjs"
import { carryOut, stamped } from "./steps.mjs"
import { report, Trouble } from "./trouble.mjs"

const shared = ["tsconfig.json", "package-lock.json"]

/** Each is built by its own script `build`. */
const PACKAGES = [
  {
    name: "ringlab",
    folder: "src",
    reads: ["src"],
    makes: ["src/dist/index.js", "src/dist/index.d.ts", "src/esm/index.js"],
  },
  {
    name: "ringlab-kernel",
    folder: "kernel",
    reads: ["kernel/src", "kernel/package.json", "kernel/tsconfig.json", "src"],
    makes: ["kernel/dist/main.js"],
  },
  {
    name: "ringlab-lessons",
    folder: "lessons",
    reads: ["lessons", "src"],
    makes: ["lessons/labextension/package.json"],
  },
]

/** A step a package: `ringlab` first, then the kernel and the JupyterLab extension that stand on it. */
export const builds = PACKAGES.map(({ name, folder, reads, makes }) =>
  stamped({
    name: `build-${name}`,
    title: `Build ${name}`,
    reads: [...shared, ...reads],
    makes: makes.map((path) => inProject(path)),
    make: () => build(name, folder),
  }),
)

async function build(name, folder) {
  const args = [npmProgram(), "run", "build", "-w", folder]
  const { code, output, log } = await runLogged(`build-${name}`, process.execPath, args)
  if (code === 0) return
  throw new Trouble(
    `${name} could not be built: mend what is shown above (all of it is in ${log}).`,
    lastLines(output, 40),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  carryOut(builds).catch((error) => {
    report(error)
    process.exitCode = 1
  })
}
