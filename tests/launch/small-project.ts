import { spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const repository = fileURLToPath(new URL("../..", import.meta.url))

/** How a launcher ended: its exit code and all it printed. */
export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** A project folder with the real launcher and three empty packages, so that its set-up takes no time. */
export class SmallProject {
  readonly folder = mkdtempSync(join(tmpdir(), "ringlab-launch-"))

  constructor() {
    for (const part of ["kernel/start.mjs", "kernel/launch", "kernel/package"]) {
      cpSync(join(repository, part), join(this.folder, part), { recursive: true })
    }
    this.write("package.json", { name: "small", workspaces: ["src", "kernel", "lessons"] })
    this.write("package-lock.json", { name: "small", lockfileVersion: 3, packages: {} })
    for (const name of ["src", "kernel", "lessons"]) {
      this.write(`${name}/package.json`, {
        name: `small-${name}`,
        version: "1.0.0",
        scripts: { build: "node -e 0" },
      })
    }
  }

  /** Write a file; anything but text is written as JSON. */
  write(path: string, content: unknown, mode?: number): string {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content), { mode })
    return file
  }

  /** A program of this name that prints a line, as the only thing on the PATH that is returned. */
  pathWith(program: string, line: string): string {
    this.write(`path/${program}`, `#!/bin/sh\necho "${line}"\n`, 0o755)
    return join(this.folder, "path")
  }

  /** Run the launcher to its end. `preload` is a script that Node reads first, to disguise the machine. */
  start(environment: Readonly<Record<string, string>> = {}, preload?: string): Promise<Ended> {
    const disguise = preload === undefined ? [] : ["--require", this.write("preload.cjs", preload)]
    return this.node([...disguise, "kernel/start.mjs"], environment)
  }

  /** Run Node in the project to its end. */
  node(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const child = spawn(process.execPath, args, { cwd: this.folder, env: { ...process.env, ...environment } })
    let output = ""
    child.stdout.on("data", (data) => (output += data))
    child.stderr.on("data", (data) => (output += data))
    return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
