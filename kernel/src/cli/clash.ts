/**
 * Files that a command would spoil: outputs that are its inputs, or each other, under whatever names. Standard error may be any
 * of them, for a shell's `2>&1` is just that.
 */
import { type BigIntStats, fstatSync, readlinkSync, statSync } from "node:fs"
import { basename, dirname, isAbsolute } from "node:path"
import { guarded } from "./files"
import { badFile } from "./trouble"

/** What a file is used as: the option that names it, or words for people; and its name, or its descriptor. */
export type Use = readonly [as: string, file: string | number | undefined]

export const STANDARD_INPUT: Use = ["standard input", 0]
export const STANDARD_OUTPUT: Use = ["standard output", 1]

/**
 * Refuse outputs that would be written over something that is read, or over each other. Nothing may have been opened yet, for
 * opening empties a file. Devices and pipes spoil nothing.
 * @throws Trouble
 */
export function checkOutputs(inputs: readonly Use[], outputs: readonly Use[]): void {
  const taken = new Map(inputs.map(([as, file]) => [placeOf(file), `it is read as ${as}`]))
  for (const [as, file = ""] of outputs) {
    const place = placeOf(file)
    if (place === undefined) continue
    const name = typeof file === "number" ? as : file
    const other = taken.get(place)
    if (other) throw badFile(name, `${other}, and ${as} would write over it: name another file.`)
    taken.set(place, `it is written as ${as}`)
  }
}

/** What is the same for all names of a file; undefined for what is no file. */
function placeOf(file: Use[1]): string | undefined {
  if (file === undefined || file === "") return undefined
  if (typeof file === "number") return keyOf(fstatSync(file, { bigint: true }))
  return guarded(file, () => placeOfName(file))
}

const keyOf = (found: BigIntStats) => (found.isFile() ? `${found.dev}:${found.ino}` : undefined)

/** Links and ways through folders are followed, also to a file that is not there yet. */
function placeOfName(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false })
  if (found) return keyOf(found)
  const target = targetOf(file)
  if (target !== undefined) return placeOfName(isAbsolute(target) ? target : `${dirname(file)}/${target}`)
  const folder = statSync(dirname(file), { bigint: true, throwIfNoEntry: false })
  return folder && `${folder.dev}:${folder.ino}/${basename(file)}`
}

/** What a symbolic link names. */
function targetOf(file: string): string | undefined {
  try {
    return readlinkSync(file)
  } catch {
    return undefined
  }
}
