/** Where output goes: files, standard output and standard error. All of it gets there, or a sentence tells why not. */
import { closeSync, fstatSync, openSync, writeSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { isatty } from "node:tty"
import { guarded, troubleWith } from "./files"
import { EXIT, Trouble } from "./trouble"

/** Somewhere for text to go. Characters are bytes. */
export interface Sink {
  write(text: string): void
  close(): void
}

const BUFFERED = 1 << 16

/** Files that were not closed yet. */
const open = new Set<FileOutput>()

/** A file that is written piece by piece. What waits is written when the process ends, unless a signal kills it. */
export class FileOutput implements Sink {
  private readonly descriptor: number
  private waiting: string[] = []
  private length = 0

  /** @throws Trouble */
  constructor(private readonly file: string) {
    this.descriptor = guarded(file, () => openSync(file, "w"))
    open.add(this)
  }

  write(text: string): void {
    this.waiting.push(text)
    this.length += text.length
    if (this.length >= BUFFERED) this.flush()
  }

  private flush(): void {
    const bytes = Buffer.from(this.waiting.join(""), "latin1")
    this.waiting = []
    this.length = 0
    guarded(this.file, () => writeAll(this.descriptor, bytes))
  }

  close(): void {
    if (!open.delete(this)) return
    try {
      this.flush()
    } finally {
      closeSync(this.descriptor)
    }
  }
}

/** A disk that gets full takes a part of what it is given, and says so only when it is given the rest. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
}

/** Close all, also when one fails. @throws what the first that failed threw */
export function closeAll(ends: Iterable<{ close(): void }>): void {
  const errors: unknown[] = []
  for (const end of ends)
    try {
      end.close()
    } catch (error) {
      errors.push(error)
    }
  if (errors.length > 0) throw errors[0]
}

/** Standard output or standard error. */
class Stream implements Sink {
  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly descriptor: number,
    private readonly name: string,
  ) {}

  /** @throws Trouble if it is a file that cannot take it; of a pipe, the process ends by itself */
  write(text: string | Uint8Array): void {
    const bytes = typeof text === "string" ? Buffer.from(text, "latin1") : text
    // Node's stream onto a file forgets what a full disk did not take.
    if (isFile(this.descriptor)) guarded(this.name, () => writeAll(this.descriptor, bytes))
    else this.stream.write(bytes)
  }

  /** Text of all languages. */
  print(text: string): void {
    this.write(Buffer.from(text))
  }

  close(): void {}

  /** Waits until a pipe or terminal has taken all, or the process ends because its reader has left. */
  async taken(): Promise<void> {
    await new Promise<void>((done) => void this.stream.write("", () => done()))
    await setImmediate()
  }

  /** A pipe or terminal tells later that it could not take something. */
  endIfItFails(): void {
    this.stream.on("error", (error: NodeJS.ErrnoException) => endBy(troubleWith(this.name, error)))
  }
}

/** A file or a device, but no terminal: these are written at once. */
function isFile(descriptor: number): boolean {
  const found = fstatSync(descriptor)
  return found.isFile() || (found.isCharacterDevice() && !isatty(descriptor))
}

export const standardOutput = new Stream(process.stdout, 1, "standard output")
export const standardError = new Stream(process.stderr, 2, "standard error")

/** Say something on standard error, if that is possible. */
function say(message: string): void {
  try {
    if (message) standardError.print(`${message}\n`)
  } catch {
    // There is nowhere left to say it.
  }
}

/** Say what went wrong, and with which exit code the process shall end. */
export function tell({ message, exitCode }: Trouble): void {
  say(message)
  process.exitCode = exitCode
}

function endBy(trouble: Trouble): never {
  tell(trouble)
  return process.exit()
}

/** Let trouble with standard output or standard error end the process, and let its end write what waits for files. */
export function watchOutputs(): void {
  for (const stream of [standardOutput, standardError]) stream.endIfItFails()
  process.on("exit", () => {
    try {
      closeAll(open)
    } catch (error) {
      if (error instanceof Trouble) tell(error)
      else process.exitCode = EXIT.internal
    }
  })
}
