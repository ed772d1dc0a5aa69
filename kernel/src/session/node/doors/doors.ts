import dgram from "node:dgram"
import modules from "node:module"
import net from "node:net"
import threads from "node:worker_threads"
import { MODULES, NETWORK, PROCESS, READERS } from "./permitted"
import { guardFiles } from "./readable"

const { builtinModules, isBuiltin, syncBuiltinESMExports } = modules

/** Keeps cells from the line on which the session talks to its keeper: a word of theirs there would be taken for its own. */
export function hideLine(): void {
  Object.assign(threads, { parentPort: null, workerData: null })
  syncBuiltinESMExports()
}

/**
 * Where Node's permissions keep a session from files and programs, leave cells only those modules of Node and members of
 * `process` that `permitted.ts` names. The permissions alone are no fence: threads, hooks of the loader, databases, engine
 * flags and listening sockets know nothing of them. The modules are changed in place, so that it does not matter by which
 * way a cell gets at one.
 */
export function closeDoors(): void {
  if (!("permission" in process)) return
  for (const name of NETWORK) if (name in globalThis) refuse(globalThis, name, name)
  quietly(() => {
    const loaded = builtins().flatMap(load) // all at first, for they use one another when they load
    for (const scope of SCOPES) process.permission.has(scope)
    closeSockets()
    for (const [name, exports] of loaded) closeModule(name, exports)
  })
  closeProcess()
  syncBuiltinESMExports()
}

/** Modules that have their names with `node:` only are missing from some versions' list. */
function builtins(): string[] {
  const more = ["node:sea", "node:sqlite", "node:test", "node:test/reporters"].filter((name) =>
    isBuiltin(name),
  )
  return [...new Set([...builtinModules, ...more])].filter((name) => name !== "process")
}

/** Loading a module of Node may come with a remark on it, which is none of a reader's business. */
function quietly(work: () => void): void {
  const { emitWarning } = process
  process.emitWarning = () => {}
  work()
  process.emitWarning = emitWarning
}

/** A module with its name, or nothing where threads cannot have it: then no cell can, either. */
function load(name: string): [name: string, exports: object][] {
  try {
    return [[name, require(name)]]
  } catch {
    return []
  }
}

/**
 * What Node's permissions are about. When Node 24 first refuses something of a kind, it makes itself a channel by a function that
 * cells must not have, so it is led to refuse each kind beforehand. Else it would be the first `import` of a cell that fails.
 */
const SCOPES = ["fs", "child", "worker", "net", "inspector", "wasi", "addon", "ffi"]

/** What Node makes by itself, for fetch, does not go through the module's exports. */
function closeSockets(): void {
  close(net.Socket.prototype, "connect", "connections")
  close(net.Server.prototype, "listen", "servers")
  for (const name of ["bind", "connect", "send"]) close(dgram.Socket.prototype, name, "packets")
}

function closeModule(name: string, exports: object): void {
  if (name === "fs") guardFiles()
  const permitted = permittedOf(name)
  if (permitted === "all") return
  for (const key of Object.getOwnPropertyNames(exports))
    if (!permitted.includes(key) && !HARMLESS.has(key)) close(exports, key, `${key} of ${name}`)
}

/** Tables of numbers and texts, and what is a function's own: nothing can be put in their place. */
const HARMLESS: ReadonlySet<string> = new Set(["codes", "constants", "prototype", "rootCertificates"])

function permittedOf(name: string): "all" | readonly string[] {
  if (name === "fs")
    return [...READERS.descriptor, ...READERS.sync, ...READERS.callback, "existsSync", "promises"]
  if (name === "fs/promises") return READERS.promise
  return MODULES[name] ?? []
}

/** Symbols lead to Node's own bookkeeping, which it cannot do without. */
function closeProcess(): void {
  for (const name of Object.getOwnPropertyNames(process))
    if (!PROCESS.has(name)) close(process, name, `process.${name}`)
}

/** A function refuses; an object is gone, and what is made when somebody asks; numbers and texts do no harm. */
function close(from: object, name: string, what: string): void {
  const { get, configurable } = Object.getOwnPropertyDescriptor(from, name) ?? {}
  const value: unknown = get && configurable ? {} : Reflect.get(from, name)
  if (typeof value === "function") refuse(from, name, what)
  else if (typeof value === "object" && value !== null) fix(from, name, undefined)
}

function refuse(from: object, name: string, what: string): void {
  fix(from, name, function refused(): never {
    throw new Error(`A notebook that is being graded may not use ${what}.`)
  })
}

function fix(from: object, name: string, value: unknown): void {
  Object.defineProperty(from, name, { value, writable: false, configurable: false })
}
