// Two launchers in one project folder take turns at the set-up.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { privateFolder } from "./places.mjs"

const lock = join(privateFolder, "setup.lock")

/** Do some work while no other launcher sets this project up; a lock left by a launcher that died is ignored. */
export async function alone(work) {
  mkdirSync(privateFolder, { recursive: true })
  while (!taken()) await sleep(200)
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function taken() {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" })
    return true
  } catch (error) {
    if (error.code !== "EEXIST") throw error
    if (!alive(lockHolder())) rmSync(lock, { force: true })
    return false
  }
}

function lockHolder() {
  try {
    return Number(readFileSync(lock, "utf8"))
  } catch {
    return 0 // it was given back in this very moment
  }
}

function alive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error.code === "EPERM"
  }
}
