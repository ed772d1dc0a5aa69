import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { AssemblyError, assemble } from "../src/isa/assemble"
import { decode, isInstruction } from "../src/isa/decode"
import { TABLE } from "../src/isa/isa"
import type { Row } from "../src/isa/notation"

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

/** Files of single instructions, by the size of their code. */
const SINGLE = {
  16: ["code16.txt"],
  32: [
    "arithmetic",
    "bits",
    "moves",
    "stack",
    "flow",
    "strings",
    "plain",
    "system",
    "addresses",
    "spelling",
  ].map((name) => `${name}.txt`),
} as const

type Place = "register" | "memory" | "one"

/** Forms that no answer of NASM shows, and why: another encoding of the same instruction is as short or shorter. */
const NEVER_WRITTEN: Readonly<Record<string, (row: Row, size: number, place: Place) => boolean>> = {
  "it is a second encoding": ({ encoding }) => encoding.alias,
  "x87 code has no mnemonics here": ({ encoding: { escaped, opcode } }) =>
    !escaped && (opcode & 0xf8) === 0xd8,
  "BSWAP of 16 bits is undefined": ({ name }, size) => name === "BSWAP" && size === 16,
  "between registers both directions are as short: the one to r/m is taken": ({ text }, _, place) =>
    place === "register" && /^([0-3][23AB]|8[AB]) /.test(text.encoding),
  "for a register there is a form without ModR/M": ({ text }, _, place) =>
    place === "register" && /(^|lock )(FF \/[016]|8F \/0|C6 \/0|C7 \/0)/.test(text.encoding),
  "NASM does not know it; from 16 to 16 bits it is a MOV": ({ text }, size) =>
    size === 16 && /^MOV[ZS]X r32, r\/m16/.test(text.syntax),
}

/** A row's forms: operand size (0 if it has but one), and whether ModR/M names a register or memory. */
function formsOf(row: Row): string[] {
  const sized = /32/.test(row.text.syntax) || (row.name !== row.name16 && !row.encoding.byAddressSize)
  const sizes = sized && !row.encoding.always32 ? [16, 32] : [0]
  const hasBoth = row.operands.some((type) => /^r.*\/m/.test(type))
  const places: readonly Place[] = hasBoth ? ["register", "memory"] : ["one"]
  return sizes.flatMap((size) =>
    places
      .filter((place) => !Object.values(NEVER_WRITTEN).some((is) => is(row, size, place)))
      .map((place) => formName(row, size, place)),
  )
}

const formName = (row: Row, size: number, place: Place) =>
  `${row.text.encoding}  ${row.text.syntax}, ${size === 0 ? "" : `${size} bits, `}${place}`

/** Names that the form of an answer's bytes may have. */
function formNames(answer: string, bits: 16 | 32): string[] {
  const feed = expand(answer)
    .split(" ")
    .map((byte) => Number.parseInt(byte, 16))
  const decoded = decode(() => feed.shift() ?? 0x90, bits)
  if (!isInstruction(decoded)) return []
  const { row, operands, operandSize } = decoded
  const place = operands.some(({ kind }) => kind === "memory") ? "memory" : "register"
  return [0, operandSize].flatMap((size) => [formName(row, size, place), formName(row, size, "one")])
}

describe.each([32, 16] as const)("NASM's answers for %i-bit code", (bits) => {
  test("hold every form of the table that a source can ask for", () => {
    const met = new Set(
      SINGLE[bits].flatMap((name) => read(name).lines.flatMap(({ answer }) => formNames(answer, bits))),
    )
    expect(TABLE.flatMap(formsOf).filter((form) => !met.has(form))).toEqual([])
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
