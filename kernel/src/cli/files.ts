/** Reading and writing files, with a sentence for what goes wrong. */
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs"
import { badFile } from "./trouble"

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EISDIR: "this is a folder, and not a file",
  EACCES: "you may not open it",
  EPERM: "you may not open it",
  ENOTDIR: "a part of this path is not a folder",
  ENOSPC: "the disk is full",
  ERR_FS_FILE_TOO_LARGE: "it is too large to read",
}

function guarded<T>(file: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException
    throw badFile(file, `${REASONS[code] ?? message}.`)
  }
}

/** The bytes of a file. @throws Trouble */
export const readBytes = (file: string): Uint8Array => guarded(file, () => readFileSync(file))

/** Make a file anew. @throws Trouble */
export const writeBytes = (file: string, bytes: Uint8Array): void =>
  guarded(file, () => writeFileSync(file, bytes))

const BUFFERED = 1 << 16

/** A file that is written piece by piece. Characters are bytes. */
export class Output {
  private readonly descriptor: number
  private waiting: string[] = []
  private length = 0

  /** @throws Trouble */
  constructor(private readonly file: string) {
    this.descriptor = guarded(file, () => openSync(file, "w"))
  }

  write(text: string): void {
    this.waiting.push(text)
    this.length += text.length
    if (this.length >= BUFFERED) this.flush()
  }

  flush(): void {
    guarded(this.file, () => writeSync(this.descriptor, Buffer.from(this.waiting.join(""), "latin1")))
    this.waiting = []
    this.length = 0
  }

  close(): void {
    this.flush()
    closeSync(this.descriptor)
  }
}
