import fs from "node:fs"
import path from "node:path"
import url from "node:url"
import { READERS } from "./permitted"

// Taken before cells can change them; they use nothing that a cell could have changed.
const { dirname, resolve } = path
const { fileURLToPath } = url
const { create } = Object

type Reader = (path: unknown, ...rest: unknown[]) => unknown
type Paths = Record<string, true | undefined>

const ALLOWED = "--allow-fs-read="

/** The files and folders that Node's options name, as tables that nothing is inherited by. */
const readable: { readonly files: Paths; readonly folders: Paths } = {
  files: create(null),
  folders: create(null),
}

/**
 * Makes the functions that read files look whether they may, by Node's own options for this process. Node looks, too, but
 * some of its versions permit more than they were told.
 */
export function guardFiles(): void {
  for (const option of process.execArgv) if (option.startsWith(ALLOWED)) allow(option.slice(ALLOWED.length))
  const { native } = fs.realpathSync
  for (const name of [...READERS.sync, ...READERS.callback]) guard(fs, name, guarded)
  for (const name of READERS.promise) guard(fs.promises, name, guardedLater)
  Object.assign(fs.realpathSync, { native: guarded(native as Reader) })
  guardDescriptors()
  const { existsSync } = fs
  fs.existsSync = (name) => {
    const path = pathOf(name)
    return mayRead(path) && existsSync(path)
  }
}

/** Files that were opened by their paths, by their numbers. Other numbers are the process's own lines. */
const opened: Record<number, true | undefined> = create(null)

/** Node's own readFileSync goes through these. */
function guardDescriptors(): void {
  const { openSync, readSync, closeSync } = fs as unknown as Record<string, Reader>
  const open = (name: unknown): unknown => {
    const fd = openSync(checked(name), "r") as number
    opened[fd] = true
    return fd
  }
  const close = (fd: unknown): void => {
    closeSync(own(fd))
    delete opened[fd as number]
  }
  Object.assign(fs, {
    openSync: open,
    readSync: (fd: unknown, ...rest: unknown[]) => readSync(own(fd), ...rest),
    closeSync: close,
  })
}

function own(fd: unknown): number {
  if (typeof fd === "number" && opened[fd]) return fd
  throw new Error("A notebook that is being graded may not use what it has not opened by its path.")
}

function allow(pattern: string): void {
  if (pattern.endsWith("*")) readable.folders[dirname(pattern)] = true
  else readable.files[pattern] = true
}

function guard(from: object, name: string, how: (read: Reader) => Reader): void {
  Object.defineProperty(from, name, { value: how(Reflect.get(from, name)), configurable: true })
}

/** The path is made a text once, is looked at, and is what Node gets: one that changes gains nothing. */
const guarded =
  (read: Reader): Reader =>
  (name, ...rest) =>
    read(checked(name), ...rest)

const guardedLater =
  (read: Reader): Reader =>
  async (name, ...rest) =>
    read(checked(name), ...rest)

function checked(name: unknown): string {
  const path = pathOf(name)
  if (mayRead(path)) return path
  throw new Error(
    `A notebook that is being graded may not read ${path}: it may read the files beside it, and no notebook.`,
  )
}

const pathOf = (name: unknown): string => resolve(name instanceof URL ? fileURLToPath(name) : `${name}`)

function mayRead(path: string): boolean {
  if (readable.files[path]) return true
  for (let folder = path; ; folder = dirname(folder)) {
    if (readable.folders[folder]) return true
    if (dirname(folder) === folder) return false
  }
}
