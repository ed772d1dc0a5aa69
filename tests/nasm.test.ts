import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { AssemblyError, assemble } from "../src/isa/assemble"

const FOLDER = new URL("vectors/nasm/", import.meta.url)
/** Files of sources to be refused, with the reason in words. */
const WRONG = ["errors.txt", "unnoticed.txt", "stricter.txt"]
/** Differences that one failing test shows; the count tells the rest. */
const SHOWN = 40

interface Line {
  readonly source: string
  /** Bytes, or what is wrong. */
  readonly answer: string
}

function read(name: string): { bits: 16 | 32; lines: Line[] } {
  const text = readFileSync(new URL(name, FOLDER), "utf8").trimEnd().split("\n")
  const lines = text
    .filter((line) => !line.startsWith("#"))
    .map((line) => {
      const at = line.lastIndexOf(" |")
      return {
        source: line.slice(0, at).replaceAll(" ⏎ ", "\n").replaceAll("⏎", "\n"),
        answer: line.slice(at + 2).trim(),
      }
    })
  return { bits: text[0].includes("bits 16") ? 16 : 32, lines }
}

/** Undoes "90x126": a byte and how often it comes. */
function expand(answer: string): string {
  return answer.replace(/(\w\w)x(\d+)/g, (_run, byte, count) => Array(Number(count)).fill(byte).join(" "))
}

const hex = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(" ")

/** Bytes, or the refusal's first line. */
function attempt(source: string, bits: 16 | 32): string {
  try {
    return hex(assemble(source, { bits }).bytes)
  } catch (error) {
    if (error instanceof AssemblyError) return `refused: ${error.message.split("\n")[0]}`
    throw error
  }
}

const files = readdirSync(FOLDER)

describe("the assembler makes the bytes that NASM makes", () => {
  test.each(files.filter((name) => !WRONG.includes(name)))("%s", (name) => {
    const { bits, lines } = read(name)
    const differing = lines.flatMap(({ source, answer }) => {
      const ours = attempt(source, bits)
      return ours === expand(answer) ? [] : [`${source} | NASM ${answer} | ours ${ours}`]
    })
    expect(differing.slice(0, SHOWN), `${differing.length} of ${lines.length} lines differ`).toEqual([])
  })
})

const installed = spawnSync("nasm", ["-v"]).status === 0

describe("the kept answers are NASM's", () => {
  test.runIf(installed)(
    "the installed NASM says the same again, or prints where another version differs",
    () => {
      const script = fileURLToPath(new URL("oracles/nasm.mjs", import.meta.url))
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], {
        encoding: "utf8",
      })
      console.log(stdout.trim())
      expect(status, stdout + stderr).toBe(0)
    },
  )
})

describe("the assembler refuses what is wrong, and shows the line and where", () => {
  test.each(WRONG)("%s", (name) => {
    const { bits, lines } = read(name)
    const accepted = lines.flatMap(({ source, answer }) => {
      const ours = attempt(source, bits)
      return /^refused: line \d+, column \d+: .+; .+/.test(ours)
        ? []
        : [`${source} | ${answer} | ours ${ours}`]
    })
    expect(
      accepted.slice(0, SHOWN),
      `${accepted.length} of ${lines.length} wrong sources are accepted`,
    ).toEqual([])
  })
})
