// `npm run check`: the formatter and linter, the types of every package, and the licences of what is bundled.
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { kernelPackages } from "../../kernel/package/contents.mjs"
import { FITTING_UNCHANGED, misfits } from "./licences.mjs"

const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const require = createRequire(import.meta.url)
const biome = require.resolve("@biomejs/biome/bin/biome")
const tsc = require.resolve("typescript/bin/tsc")

const CHECKS = [
  ["format and lint", () => run(biome, "check", "--error-on-warnings")],
  ...["src", "kernel", "lessons", "tests"].map((folder) => [
    `types of ${folder}`,
    () => run(tsc, "-p", folder, "--noEmit"),
  ]),
  ["bundled licences", bundledLicences],
]

function run(program, ...args) {
  return spawnSync(process.execPath, [program, ...args], { cwd: project, stdio: "inherit" }).status === 0
}

function bundledLicences() {
  const list = join(project, "lessons", "labextension", "static", "third-party-licenses.json")
  if (!existsSync(list)) return fail(`${list} is not there: run npm run build first.`)
  const { packages } = JSON.parse(readFileSync(list, "utf8"))
  const besides = kernelPackages().map(({ name, licence }) => ({ name, licenseId: licence }))
  const refused = [...misfits(packages), ...misfits(besides, FITTING_UNCHANGED)]
  return refused.length === 0 || fail(`These licences do not fit MIT:\n${refused.join("\n")}`)
}

function fail(sentence) {
  console.error(sentence)
  return false
}

const failed = CHECKS.filter(([name, check]) => {
  console.log(`Check ${name} …`)
  return !check()
}).map(([name]) => name)

console.log(failed.length === 0 ? "All checks passed." : `Failed: ${failed.join(", ")}.`)
process.exitCode = failed.length === 0 ? 0 : 1
