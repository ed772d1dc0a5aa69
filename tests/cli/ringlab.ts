/** The command `ringlab` as a user runs it: built, in a process of its own. */
import { spawnSync } from "node:child_process"
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const PROGRAM = fileURLToPath(new URL("../../kernel/bin/ringlab.mjs", import.meta.url))

/** A folder of a test's own. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "ringlab-cli-"))

  put(name: string, content: string | Uint8Array): string {
    const file = join(this.path, name)
    writeFileSync(file, content)
    return file
  }

  /** Run the command in the folder. */
  ringlab(...args: readonly string[]) {
    return this.run(args, "pipe")
  }

  /** The same, with a file of the folder as standard input. */
  ringlabFrom(file: string, ...args: readonly string[]) {
    const descriptor = openSync(join(this.path, file), "r")
    try {
      return this.run(args, descriptor)
    } finally {
      closeSync(descriptor)
    }
  }

  /** Run a line of the shell in the folder, in which `ringlab` is the command. */
  shell(line: string) {
    const { status, stdout, stderr } = spawnSync(
      "sh",
      ["-c", `ringlab() { "$NODE" "$PROGRAM" "$@"; }\n${line}`],
      {
        cwd: this.path,
        encoding: "latin1",
        env: { ...process.env, NODE: process.execPath, PROGRAM },
        timeout: 30_000,
      },
    )
    return { status, stdout, stderr }
  }

  private run(args: readonly string[], input: "pipe" | number) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
      cwd: this.path,
      encoding: "latin1",
      stdio: [input, "pipe", "pipe"],
    })
    return { status, stdout, stderr }
  }

  remove(): void {
    rmSync(this.path, { recursive: true })
  }
}
