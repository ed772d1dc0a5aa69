import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import type { Compiler as BuiltCompiler } from "../../kernel/src/session/node/compiler/compiler"
import { SessionProcess } from "../../kernel/src/transport/session-process"

/** What is on its way when a session ends belongs to that session, and not to the next. */

const require = createRequire(import.meta.url)

test("what the compiler was at when a session ended is no answer to the next session, nor known there", async () => {
  process.env.RINGLAB_COMPILER_IDLE_MS = "200"
  const { Compiler } = require("../../kernel/dist/session/node/compiler/compiler.js") as {
    Compiler: typeof BuiltCompiler
  }
  let rested = (): void => {}
  const rest = new Promise<void>((resolve) => {
    rested = resolve
  })
  const compiler = new Compiler(tmpdir(), () => rested())
  const old = compiler.convert("const lost = 1", true)
  compiler.forget()
  expect(await compiler.convert("2", true)).toMatchObject({ cell: { source: "2" } })
  expect(await old).toEqual({ interrupted: true })
  expect(await compiler.convert("lost", true)).toMatchObject({ mistakes: [{ code: 2304 }] })
  await rest
})

test("a session's process that was replaced has nothing more to say", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ringlab ends "))
  const script = join(folder, "twice.cjs")
  writeFileSync(script, `process.on("message", () => process.send([${TWICE.map(ended).join()}]))`)
  const session = new SessionProcess({ script, options: [], environment: process.env })
  let ends = 0
  session.onEnded = () => ends++
  const request = session.request({ kind: "is-complete", id: "one", code: "" })
  await expect(request).rejects.toThrow("it is stuck")
  expect(ends).toBe(1)
  session.close()
  rmSync(folder, { recursive: true })
})

/** What a session's process comes to that ends at the first request, and leaves a program behind that holds its stderr. */
async function endLeaving(program: string, patience: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "ringlab ends "))
  const script = join(folder, "leaves.cjs")
  writeFileSync(script, leaving(program))
  const session = new SessionProcess({ script, options: [], environment: process.env }, patience)
  const request = session.request({ kind: "is-complete", id: "one", code: "" })
  const end = await request.catch(String)
  session.close()
  rmSync(folder, { recursive: true })
  return String(end)
}

/** The program's input ends when the process does that started it. */
const leaving = (program: string): string => `process.on("message", () => {
  const how = { stdio: ["pipe", "inherit", "inherit"] }
  require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(program)}], how)
  process.exit(7)
})`

describe("of a session's process that has ended", () => {
  test("the last words are waited for, and tell why", async () => {
    const program = 'process.stdin.on("end", () => console.error("FATAL ERROR: heap out of memory")).resume()'
    expect(await endLeaving(program, 1e6)).toContain("it needed more memory than a notebook may have")
  })

  test("no silent program keeps the end secret", async () => {
    expect(await endLeaving("setInterval(() => {}, 1e6)", 0)).toContain("its process ended (exit code 7)")
  })
})

const TWICE = [
  ["it is stuck", true],
  ["it ended by itself", false],
]
const ended = ([why, stuck]: unknown[]): string => JSON.stringify({ kind: "ended", why, stuck })
