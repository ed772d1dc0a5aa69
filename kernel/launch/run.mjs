// Running other programs: never through a shell, so that paths with spaces work everywhere.
import { spawn } from "node:child_process"
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { privateFolder, project } from "./places.mjs"

const running = new Set()
let stopping = false

/** Has the person asked to stop (Ctrl-C or a termination signal)? */
export function stopAsked() {
  return stopping
}

/** From now on Ctrl-C and termination end the running program first; the launcher ends after it. */
export function endChildrenFirst() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stopChildren)
}

function stopChildren() {
  stopping = true
  if (running.size === 0) process.exit(130)
  // On Windows the console tells every program of Ctrl-C itself, and a signal from here would kill it outright.
  if (process.platform === "win32") return
  for (const child of running) child.kill("SIGTERM")
}

/**
 * Run a program to its end.
 * @param {string} program its path
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} [options] by default in the project folder, on this terminal
 * @returns {Promise<number>} its exit code; 1 when a signal ended it
 */
export function run(program, args, options = {}) {
  const child = spawn(program, args, { cwd: project, stdio: "inherit", ...options })
  running.add(child)
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("exit", (code) => resolve(code ?? 1))
  }).finally(() => running.delete(child))
}

/**
 * Run a program with its output in `.ringlab/logs/<name>.log`.
 * @returns {Promise<{ code: number, output: string, log: string }>} exit code, all it printed, and the log's path
 */
export async function runLogged(name, program, args, options = {}) {
  const log = join(privateFolder, "logs", `${name}.log`)
  mkdirSync(join(privateFolder, "logs"), { recursive: true })
  const file = openSync(log, "w")
  try {
    const code = await run(program, args, { ...options, stdio: ["ignore", file, file] })
    return { code, output: readFileSync(log, "utf8"), log }
  } finally {
    closeSync(file)
  }
}

/** The last lines of a long output. */
export function lastLines(text, count = 15) {
  return text.trimEnd().split("\n").slice(-count).join("\n")
}
