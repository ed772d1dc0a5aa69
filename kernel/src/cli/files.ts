/** Reading and writing files, with a sentence for what goes wrong. */
import { readFileSync, writeFileSync } from "node:fs"
import { badFile, nobodyReads, type Trouble } from "./trouble"

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EISDIR: "this is a folder, and not a file",
  EACCES: "you may not open it",
  EPERM: "you may not open it",
  ENOTDIR: "a part of this path is not a folder",
  EROFS: "nothing can be written on this disk",
  ENOSPC: "the disk is full",
  EDQUOT: "your share of the disk is full",
  EFBIG: "it would be larger than files may be",
  EIO: "the disk or terminal does not work",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "this name is too long",
  ETXTBSY: "it is a program that runs",
  ERR_FS_FILE_TOO_LARGE: "it is too large to read",
}

/** What an error of the operating system means for a file. */
export function troubleWith(file: string, { code = "", message }: NodeJS.ErrnoException): Trouble {
  return code === "EPIPE" ? nobodyReads() : badFile(file, `${REASONS[code] ?? message}.`)
}

/** Work with a file. @throws Trouble */
export function guarded<T>(file: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw troubleWith(file, error as NodeJS.ErrnoException)
  }
}

/** The bytes of a file. @throws Trouble */
export const readBytes = (file: string): Uint8Array => guarded(file, () => readFileSync(file))

/** Make a file anew. @throws Trouble */
export const writeBytes = (file: string, bytes: Uint8Array): void =>
  guarded(file, () => writeFileSync(file, bytes))
