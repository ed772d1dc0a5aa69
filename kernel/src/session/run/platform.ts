import type { commonJsNames } from "../convert/common-js"
import type { LocalFile } from "../convert/converter"
import type { FromSession } from "../protocol"
import type { Cell } from "./cell"
import type { Hooks } from "./hooks"

/**
 * What the session needs from the place where it runs: a worker thread of Node now, a worker of a browser one day.
 * Nothing else in `session/` outside of `node/` may know where it is.
 */
export interface Platform {
  post(message: FromSession): void
  readonly hooks: Hooks
  /** Evaluates an expression in global scope. Errors in it name `fileName`. */
  evaluate(code: string, fileName: string): unknown
  /** Runs `work` so that everything it starts, now or later, knows its cell. */
  runIn<T>(cell: Cell, work: () => T): T
  /** The cell on whose behalf code runs now, if any. */
  currentCell(): Cell | undefined
  /** Lets everything happen that waits to happen, such as reports of unhandled rejections. */
  turn(): Promise<void>
  /** Text of a value as Node's `util.inspect` gives it, without colours. */
  inspect(value: unknown): string
  /** Would looking at a value run code of whoever made it? */
  isProxy(value: unknown): boolean
  readonly modules: Modules
}

/** Values of the names that CommonJS modules know. */
export type CommonJs = Readonly<Record<(typeof commonJsNames)[number], unknown>>

/** Finds and runs what cells import. */
export interface Modules {
  /** Makes local source files known, as the converter gave them, for imports that follow. */
  provide(files: readonly LocalFile[]): void
  /** The module's exports: a namespace, or what a CommonJS module exports. */
  load(specifier: string): Promise<unknown>
  /** What a cell calls `require`, `module` and so on. */
  readonly commonJs: CommonJs
  /** What a cell calls `import.meta`. */
  readonly meta: unknown
}
