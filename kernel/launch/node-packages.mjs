// The packages from npm, exactly as package-lock.json lists them.
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { inProject } from "./places.mjs"
import { runLogged } from "./run.mjs"
import { cannotWrite, refusesWriting, Trouble } from "./trouble.mjs"

/** @type {import("./steps.mjs").Step} */
export const nodePackages = {
  title: "Install the npm packages of package-lock.json",
  done: () => missingPackages().length === 0,
  make: install,
}

/**
 * The packages that node_modules lacks, or holds in another version or with other commands. npm writes its own list of what it has
 * installed last of all, so an install that was interrupted has none.
 * @returns {string[]} paths as package-lock.json names them
 */
export function missingPackages() {
  const wanted = packagesIn(inProject("package-lock.json"))
  const installed = packagesIn(inProject("node_modules", ".package-lock.json"))
  return Object.keys(wanted).filter(
    (path) => path !== "" && !wanted[path].optional && !holds(installed[path], wanted[path], path),
  )
}

function holds(found, wanted, path) {
  const same = found?.version === wanted.version && sameCommands(found, wanted)
  return same && existsSync(inProject(path, "package.json"))
}

function sameCommands(found, wanted) {
  return JSON.stringify(found?.bin) === JSON.stringify(wanted.bin)
}

function packagesIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {}
}

async function install() {
  // No package needs its install script, so none may run one.
  const args = [npmProgram(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=http"]
  const { code, output, log } = await runLogged("npm", process.execPath, args)
  if (code !== 0) throw npmTrouble(output, log)
}

/** How npm names what it could not have: no connection, one that broke, a refusal, a page of somebody else's. */
const NOT_HAD =
  /request to (\S+) failed|trying to fetch (\S+):|\d{3} .* - GET (\S+)|response body at (\S+) reason/

function npmTrouble(output, log) {
  const errors = output.split("\n").filter((line) => /^npm error/i.test(line))
  const details = errors.slice(0, 8).join("\n") // npm says first what is wrong, then how it is used
  const [code, path] = ["code", "path"].map(
    (field) => output.match(new RegExp(`^npm error ${field} (.+)$`, "m"))?.[1],
  )
  if (path && refusesWriting(code)) return cannotWrite(path, code, details)
  const wanted = output.match(NOT_HAD)?.slice(1).find(Boolean)
  const sentence = wanted
    ? `Could not download ${wanted} for npm: check the network (or npm's proxy settings) and run the command again.`
    : `npm could not install the packages: see ${log}, then run the command again.`
  return new Trouble(sentence, details)
}

/** npm's own program file, so that it can be run by Node without a shell. */
export function npmProgram() {
  const besideNode = dirname(process.execPath)
  const places = [
    process.env.npm_execpath ?? "",
    join(besideNode, "node_modules", "npm", "bin", "npm-cli.js"),
    join(besideNode, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    ...(process.env.PATH ?? "").split(delimiter).map((folder) => resolved(join(folder, "npm"))),
  ]
  const found = places.find((file) => file.endsWith("npm-cli.js") && existsSync(file))
  if (!found) throw new Trouble("npm was not found: install Node.js with npm, then run the command again.")
  return found
}

function resolved(file) {
  return existsSync(file) ? realpathSync(file) : ""
}
