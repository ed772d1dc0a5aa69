import { Readable } from "node:stream"
import type { Publisher } from "../../display/publisher"
import type { InputQuestion } from "../../protocol"
import type { Hooks } from "../../run/hooks"
import { installReadline } from "./readline"

/**
 * Input from the reader: `prompt()`, and `process.stdin`, on which Node's `readline` stands. The thread asks, and sleeps until its
 * keeper has written the line into memory that both share:
 *
 *   words[0]  what has come: nothing yet, a line, or an interrupt
 *   words[1]  how many bytes of the line there are
 *   bytes     the line in UTF-8; a longer one is cut
 */
export interface InputLine {
  readonly words: Int32Array
  readonly bytes: Uint8Array
}

const [WAITING, LINE, INTERRUPTED] = [0, 1, 2]
const MOST_BYTES = 65_536

export const newInputLine = (): InputLine => ({
  words: new Int32Array(new SharedArrayBuffer(8)),
  bytes: new Uint8Array(new SharedArrayBuffer(MOST_BYTES)),
})

/** Writes a line for the thread that waits. The keeper's side. */
export function answerInput({ words, bytes }: InputLine, text: string): void {
  const { written } = new TextEncoder().encodeInto(text, bytes)
  Atomics.store(words, 1, written)
  wake(words, LINE)
}

/** Ends a wait. The keeper's side. */
export const interruptInput = ({ words }: InputLine): void => wake(words, INTERRUPTED)

function wake(words: Int32Array, what: number): void {
  Atomics.store(words, 0, what)
  Atomics.notify(words, 0)
}

/** Makes `prompt()` and `process.stdin` ask the reader. @param read as `createRead` makes it */
export function installInput(read: (prompt: string) => string): void {
  const define = (target: object, name: string, value: unknown): void => {
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true })
  }
  define(
    globalThis,
    "prompt",
    (message = "", otherwise = ""): string => read(String(message)) || String(otherwise),
  )
  define(process, "stdin", standardInput(read))
  installReadline(read)
}

/**
 * Makes what reads a line from the reader. An interrupt writes the flag first, then the word: where storing WAITING has covered its
 * word, the flag tells of it.
 * @param ask tells the keeper
 */
export function createRead(
  publisher: Publisher,
  { words, bytes }: InputLine,
  { flag, stop }: Pick<Hooks, "flag" | "stop">,
  ask: (question: InputQuestion) => void,
): (prompt: string) => string {
  const heed = (): void => {
    if (Atomics.load(flag, 0) !== 0 || Atomics.load(words, 0) === INTERRUPTED) stop()
  }
  return (prompt) => {
    const { cell } = publisher
    if (!cell?.mayAsk) throw new Error(NOBODY)
    if (cell.finished) throw new Error(ENDED)
    Atomics.store(words, 0, WAITING)
    heed()
    ask({ kind: "input", parent: cell.id, prompt })
    Atomics.wait(words, 0, WAITING)
    heed()
    return new TextDecoder().decode(bytes.slice(0, Atomics.load(words, 1)))
  }
}

const NOBODY =
  "Nobody can be asked for input here: the program that runs this cell answers no questions. Write the value into the cell."
/** No front end listens for the questions of a cell that it has seen end. */
const ENDED = "Nobody can be asked for input any more: the cell that asks has ended. Ask before its end."

/** A stream of the lines that the reader writes; packages that only look at it ask nothing. */
function standardInput(read: (prompt: string) => string): Readable {
  return new Readable({
    read() {
      try {
        this.push(`${read("")}\n`)
      } catch (error) {
        this.destroy(error as Error)
      }
    },
    highWaterMark: 1, // what is read ahead would be asked for ahead
  })
}
