import type ts from "typescript"
import type { Place } from "./place"

/**
 * Declarations of globals that Node has and Node's own declarations leave out: `WebAssembly`, which the compiler declares among
 * the parts of a browser. Nothing, if the notebook's `lib` has those already.
 */
export function moreGlobals({ system, library }: Place, { lib = [] }: ts.CompilerOptions): string {
  if (lib.some((name) => /lib\.(dom|webworker)\./.test(name))) return ""
  const [wasm = ""] = (system.readFile(`${library}/lib.dom.d.ts`) ?? "").match(WASM) ?? []
  return PROMPT + wasm.replace("{", "{ type BufferSource = ArrayBufferView | ArrayBuffer;")
}

/** What a browser has, and this kernel, but no other Node. */
const PROMPT = `
/** Asks the reader for a line of text, and waits for it. An empty line gives \`otherwise\`. */
declare function prompt(message?: string, otherwise?: string): string
`

const WASM = /^declare namespace WebAssembly \{$.*?^\}$/ms

/**
 * Declarations of the few global names that most notebooks need. Node's own are forty times as long, and reading them
 * takes as long as everything else at start-up, so they are read only when a cell needs more than this.
 */
export const GLOBALS = `
interface Console {
  /** Prints values, separated by spaces. A first text may hold %s, %d, %o and %j, which stand for the values after it. */
  log(...values: any[]): void
  /** Prints as log does. */
  info(...values: any[]): void
  /** Prints as log does. */
  debug(...values: any[]): void
  /** Prints to the error stream. */
  warn(...values: any[]): void
  /** Prints to the error stream. */
  error(...values: any[]): void
  /** Prints a value in all detail. */
  dir(value: any, options?: object): void
  /** Prints rows as a table. */
  table(rows: any, columns?: readonly string[]): void
  /** Prints to the error stream if a condition does not hold. */
  assert(condition?: boolean, ...values: any[]): void
  /** Prints how often it was called with this label. */
  count(label?: string): void
  /** Indents what is printed until groupEnd. */
  group(...values: any[]): void
  groupEnd(): void
  /** Starts a watch. */
  time(label?: string): void
  /** Prints the time since the watch with this label was started. */
  timeEnd(label?: string): void
  /** Prints a message and the calls that led here to the error stream. */
  trace(...values: any[]): void
  /** Clears what the cell has shown so far. */
  clear(): void
}
declare var console: Console
${PROMPT}
/** A timer that has been started. */
interface StartedTimer { readonly startedTimer: unique symbol }
/** Calls a function once, after some milliseconds. */
declare function setTimeout(callback: (nothing: void) => void, milliseconds?: number): StartedTimer
declare function setTimeout<T extends any[]>(callback: (...values: T) => void, milliseconds?: number, ...values: T): StartedTimer
declare function clearTimeout(timer?: StartedTimer): void
/** Calls a function again and again, some milliseconds apart. */
declare function setInterval(callback: (nothing: void) => void, milliseconds?: number): StartedTimer
declare function setInterval<T extends any[]>(callback: (...values: T) => void, milliseconds?: number, ...values: T): StartedTimer
declare function clearInterval(timer?: StartedTimer): void
/** Calls a function when the code that runs now is done. */
declare function queueMicrotask(callback: () => void): void
/** A deep copy of plain data. */
declare function structuredClone<T>(value: T): T
declare var performance: {
  /** Milliseconds since the session began, with fractions. */
  now(): number
}
`
