import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { EAX, EDX, ESP } from "../src/isa/registers"
import { pc } from "../src/pc"

const FOLDER = new URL("vectors/gcc/", import.meta.url)
/** Where an image lies, where it writes its results, and its stack, as tests/oracles/gcc.mjs ran it. */
const IMAGE = 0x100000
const OUTPUT = 0x1ff000
const STEP_LIMIT = 20_000_000

interface Program {
  readonly image: Uint8Array
  readonly runs: readonly { readonly seed: number; readonly checksum: string; readonly output: string }[]
}

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))

function readProgram(name: string): Program {
  const lines = readFileSync(new URL(name, FOLDER), "utf8").split("\n")
  const words = (kind: string) =>
    lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.split(" "))
  return {
    image: bytesOf(
      words("image")
        .map(([, hex]) => hex)
        .join(""),
    ),
    runs: words("run").map(([, seed, checksum, output]) => ({
      seed: Number.parseInt(seed, 16),
      checksum,
      output,
    })),
  }
}

function compute(image: Uint8Array, seed: number) {
  const machine = pc({ memory: 4 })
  machine.memory.write(IMAGE, image)
  machine.cpu.eip = IMAGE
  machine.cpu.reg[EAX] = seed
  machine.cpu.reg[EDX] = OUTPUT
  machine.cpu.reg[ESP] = OUTPUT
  const { why } = machine.run({ steps: STEP_LIMIT })
  const checksum = (machine.cpu.reg[EAX] >>> 0).toString(16).padStart(8, "0")
  return { why, checksum, output: Buffer.from(machine.memory.read(OUTPUT, 256)).toString("hex") }
}

describe("what gcc compiles for an i486 computes what a real processor computed", () => {
  const names = readdirSync(FOLDER).filter((name) => name !== "index.txt")

  test("the corpus is there", () => {
    expect(names.length).toBeGreaterThanOrEqual(60)
  })

  test.each(names)("%s", (name) => {
    const { image, runs } = readProgram(name)
    expect(runs).toHaveLength(4)
    for (const { seed, checksum, output } of runs)
      expect(compute(image, seed)).toEqual({ why: "halted", checksum, output })
  })
})
