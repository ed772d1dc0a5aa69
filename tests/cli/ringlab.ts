/** The command `ringlab` as a user runs it: built, in a process of its own. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
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
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
      cwd: this.path,
      encoding: "latin1",
    })
    return { status, stdout, stderr }
  }

  remove(): void {
    rmSync(this.path, { recursive: true })
  }
}
