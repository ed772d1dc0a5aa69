/** Reading and writing files, with a sentence for what goes wrong. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, type Stats, writeFileSync } from "node:fs"
import { isatty } from "node:tty"
import { badFile, nobodyReads, Trouble } from "./trouble"

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
  ENXIO: "nothing is connected to it",
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
    if (error instanceof Trouble) throw error
    throw troubleWith(file, error as NodeJS.ErrnoException)
  }
}

export const MEBIBYTE = 1 << 20
/** No program, table of modules or disk for this machine is larger, unless it has more memory. */
export const MOST = 256 * MEBIBYTE

/**
 * The bytes of a file, or of a pipe or terminal until it ends.
 * @throws Trouble if it cannot be read, is a device or holds more than `most` bytes
 */
export const readBytes = (file: string, most = MOST): Uint8Array =>
  guarded(file, () => {
    const descriptor = openSync(file, "r")
    try {
      return readAll(file, descriptor, most)
    } finally {
      closeSync(descriptor)
    }
  })

/** The same for an open file, with a name for people. @throws Trouble */
export function readAll(name: string, descriptor: number, most: number): Uint8Array {
  const found = fstatSync(descriptor)
  if (found.size > most) throw tooLarge(name, most)
  // What has no size, or another than it says, is read until it ends.
  return found.isFile() && found.size > 0
    ? readFileSync(descriptor)
    : readStream(name, descriptor, found, most)
}

const isDevice = (found: Stats, descriptor: number) =>
  found.isBlockDevice() || (found.isCharacterDevice() && !isatty(descriptor))

function readStream(name: string, descriptor: number, found: Stats, most: number): Uint8Array {
  const parts: Uint8Array[] = []
  for (let size = 0; size <= most; ) {
    const part = new Uint8Array(MEBIBYTE)
    const count = readSync(descriptor, part)
    if (count === 0) return Buffer.concat(parts)
    // /dev/null ends at once, as an empty file does.
    if (isDevice(found, descriptor)) throw badFile(name, "it is a device, and not a file.")
    parts.push(part.subarray(0, count))
    size += count
  }
  throw tooLarge(name, most)
}

/** Something that is not read to its end. */
export const tooLarge = (name: string, most: number): Trouble =>
  badFile(name, `it holds more than ${most / MEBIBYTE} MiB, and no more is read.`)

/** Make a file anew. @throws Trouble */
export const writeBytes = (file: string, bytes: Uint8Array): void =>
  guarded(file, () => writeFileSync(file, bytes))
