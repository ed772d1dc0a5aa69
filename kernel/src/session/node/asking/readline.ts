import { syncBuiltinESMExports } from "node:module"
import readline from "node:readline"
import promises from "node:readline/promises"
import { PassThrough } from "node:stream"

/**
 * Node's `readline` on `process.stdin`. It reads ahead as soon as it is there; in a notebook that would ask the reader for lines
 * that nobody wants yet. So it gets a stream of its own, into which a line comes when a question is asked, or when somebody
 * listens for lines.
 */

interface Options {
  readonly input?: unknown
}
type Create = (options: Options, ...rest: unknown[]) => readline.Interface

/** @param read asks the reader for a line */
export function installReadline(read: (prompt: string) => string): void {
  const [plain, awaited] = [readline, promises].map(({ createInterface }) => createInterface as Create)
  const install = (module: object, create: Create, question: (rl: readline.Interface) => unknown): void => {
    const createInterface: Create = (options, ...rest) => {
      if (options?.input !== process.stdin) return create(options, ...rest)
      const lines = new PassThrough()
      const rl = create({ ...options, input: lines })
      feed(rl, lines, read)
      return Object.assign(rl, { question: question(rl) })
    }
    Object.assign(module, { createInterface })
  }
  const last = (values: unknown[]): ((answer: string) => void) => values.at(-1) as never
  install(
    readline,
    plain,
    () =>
      (query: string, ...rest: unknown[]) =>
        last(rest)(read(query)),
  )
  install(promises, awaited, () => async (query: string) => read(query))
  syncBuiltinESMExports()
}

/** Reads lines while somebody listens: each in a turn of its own, so that whoever has had enough can close first. */
function feed(rl: readline.Interface, lines: PassThrough, read: (prompt: string) => string): void {
  const soon = setImmediate
  let closed = false
  const next = (): void => {
    if (closed || rl.listenerCount("line") === 0) return
    lines.write(`${read("")}\n`)
    soon(next)
  }
  rl.once("close", () => {
    closed = true
  })
  rl.on("newListener", (event) => {
    if (event === "line" && rl.listenerCount("line") === 0) soon(next)
  })
}
