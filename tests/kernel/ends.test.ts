import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
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

const TWICE = [
  ["it is stuck", true],
  ["it ended by itself", false],
]
const ended = ([why, stuck]: unknown[]): string => JSON.stringify({ kind: "ended", why, stuck })
