// A set-up is a list of steps. A step is done once: a stamp, written last, holds a hash of what it read.
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { inProject, privateFolder } from "./places.mjs"
import { stopAsked } from "./run.mjs"
import { Trouble } from "./trouble.mjs"

/**
 * @typedef {object} Step
 * @property {string} title what the person reads while it works
 * @property {() => boolean} done is there nothing to do?
 * @property {() => void | Promise<void>} make do it; a failure is a Trouble
 */

/** Do those of the steps that are not done yet, in order, naming each with the seconds it took. */
export async function carryOut(steps) {
  for (const step of steps) {
    if (step.done()) continue
    process.stdout.write(`${step.title} …`)
    const began = Date.now()
    try {
      await step.make()
    } finally {
      process.stdout.write(` ${((Date.now() - began) / 1000).toFixed(1)} s\n`)
    }
  }
}

/**
 * A step that is done when its stamp fits. The stamp goes away before the work starts and comes back
 * after it has ended well, so a set-up that was interrupted is made again.
 * @param {{ name: string, title: string, reads: readonly string[], also?: string, makes: readonly string[],
 *   make: () => void | Promise<void> }} step `reads`: files and folders of the project whose contents count;
 *   `also`: text that counts as well; `makes`: paths that must be there
 * @returns {Step}
 */
export function stamped({ name, title, reads, also = "", makes, make }) {
  const stamp = join(privateFolder, "stamps", name)
  return {
    title,
    done: () => makes.every((path) => existsSync(path)) && contentOf(stamp) === contentHash(reads, also),
    async make() {
      const hash = contentHash(reads, also)
      rmSync(stamp, { force: true })
      await make()
      if (stopAsked()) throw new Trouble("Stopped.")
      mkdirSync(join(privateFolder, "stamps"), { recursive: true })
      writeFileSync(stamp, hash)
    },
  }
}

const MADE_FOLDERS = new Set(["node_modules", "dist", "esm", "lib", "labextension"])
const MADE_FILES = new Set(["sources.ts"])

/** One hash of the named files and folders of the project, of their names and contents, and of a text. */
export function contentHash(reads, also = "") {
  const hash = createHash("sha256").update(also)
  for (const file of reads.flatMap(filesIn).sort()) {
    hash.update(`\0${file}\0`).update(readFileSync(inProject(file)))
  }
  return hash.digest("hex")
}

function filesIn(path) {
  const stats = statSync(inProject(path), { throwIfNoEntry: false })
  if (!stats) return []
  if (!stats.isDirectory()) return [path]
  return readdirSync(inProject(path), { withFileTypes: true }).flatMap((entry) => {
    const made = entry.isDirectory() ? MADE_FOLDERS.has(entry.name) : MADE_FILES.has(entry.name)
    return made ? [] : filesIn(`${path}/${entry.name}`)
  })
}

function contentOf(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : ""
}
