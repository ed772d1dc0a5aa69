import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { divergence } from "./oracles/fuzz/play"
import { lineOf, stream } from "./oracles/fuzz/stream"
import { randomSource } from "./oracles/random.mjs"
import { Stage } from "./oracles/replay/stage"

const KEPT = new URL("vectors/fuzz/streams.txt", import.meta.url)
/** Differences that one failing test shows; the count tells the rest. */
const SHOWN = 10

describe("random instruction streams", () => {
  test("end as they ended on a real processor", () => {
    const stage = new Stage()
    const lines = readFileSync(KEPT, "utf8").trimEnd().split("\n")
    const diverging = lines
      .filter((line) => !line.startsWith("#"))
      .map((line) => ({ line, how: divergence(stage, line) }))
      .filter(({ how }) => how !== "")
    expect(diverging.slice(0, SHOWN), `${diverging.length} streams diverge`).toEqual([])
  })

  test("are the same for the same seed, and hold no system call", () => {
    const some = (seed: number) => {
      const random = randomSource(seed)
      return Array.from({ length: 500 }, () => lineOf(stream(random)))
    }
    expect(some(3)).toEqual(some(3))
    expect(some(3)).not.toEqual(some(4))
    expect(some(3).filter((line) => /CD (?!03)|0F (05|34)/.test(line.split("|")[0]))).toEqual([])
  })
})

/** Whether this computer can run 32-bit x86 programs that its compiler makes. */
function runs32BitPrograms(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "can-32-"))
  const source = join(folder, "empty.c")
  writeFileSync(source, "#include <stdio.h>\nint main(void) { return 0; }\n")
  const { status } = spawnSync("gcc", ["-m32", "-o", join(folder, "empty"), source])
  const runs = status === 0 && spawnSync(join(folder, "empty")).status === 0
  rmSync(folder, { recursive: true })
  return runs
}

describe("the processor of this computer", () => {
  test.runIf(runs32BitPrograms())(
    "does with 3,000 streams what our machine does",
    { timeout: 120_000 },
    () => {
      const script = fileURLToPath(new URL("oracles/fuzz.mjs", import.meta.url))
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, "3000", "7"], {
        encoding: "utf8",
      })
      expect(status, stdout + stderr).toBe(0)
    },
  )
})
