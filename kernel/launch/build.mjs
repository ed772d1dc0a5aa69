// Building the three packages, each from its own sources and from those that it stands on.
import { existsSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { npmProgram } from "./node-packages.mjs"
import { inProject } from "./places.mjs"
import { lastLines, runLogged } from "./run.mjs"
import { carryOut, stamped } from "./steps.mjs"
import { report, Trouble } from "./trouble.mjs"

const typescript = inProject("node_modules", "typescript", "bin", "tsc")
const shared = ["tsconfig.json", "package-lock.json"]

/** @type {readonly { name: string, reads: string[], makes: string[], commands: () => string[][] }[]} */
const PACKAGES = [
  {
    name: "ringlab",
    reads: ["src"],
    makes: ["src/dist/index.js", "src/esm/index.js"],
    commands: () => [
      [inProject("src", "guests", "embed.mjs")],
      [typescript, "-p", inProject("src", "tsconfig.json")],
      [typescript, "-p", inProject("src", "tsconfig.esm.json")],
    ],
  },
  {
    name: "ringlab-kernel",
    reads: ["kernel/src", "kernel/package.json", "kernel/tsconfig.json", "src"],
    makes: ["kernel/dist/main.js"],
    commands: () => [[npmProgram(), "run", "build", "-w", "kernel"]],
  },
  {
    name: "ringlab-lessons",
    reads: ["lessons", "src"],
    makes: ["lessons/labextension/package.json"],
    commands: () => [[npmProgram(), "run", "build", "-w", "lessons"]],
  },
]

/** A step a package: `ringlab` first, then the kernel and the JupyterLab extension that stand on it. */
export const builds = PACKAGES.map(({ name, reads, makes, commands }) =>
  stamped({
    name: `build-${name}`,
    title: `Build ${name}`,
    reads: [...shared, ...reads],
    makes: makes.map((path) => inProject(path)),
    make: () => build(name, commands()),
  }),
)

async function build(name, commands) {
  for (const [program, ...args] of commands.filter(([program]) => existsSync(program))) {
    const { code, output, log } = await runLogged(`build-${name}`, process.execPath, [program, ...args])
    if (code === 0) continue
    throw new Trouble(
      `${name} could not be built: mend what is shown above (all of it is in ${log}).`,
      lastLines(output, 40),
    )
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  carryOut(builds).catch((error) => {
    report(error)
    process.exitCode = 1
  })
}
