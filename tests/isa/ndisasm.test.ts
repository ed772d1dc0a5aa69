import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { decode, isInstruction } from "../../src/isa/decode"
import { disassemble } from "../../src/isa/disassemble"
import { ALIASES, TABLE } from "../../src/isa/isa"
import type { Instruction } from "../../src/isa/operand"

/** Bytes from one case to the next, where ndisasm read them: addresses of jumps count from there. */
const STRIDE = 32
/** Differences that one failing test shows; the count tells the rest. */
const SHOWN = 20
const MNEMONICS = new Set(TABLE.flatMap(({ name, name16 }) => [name, name16]))

interface Answer {
  readonly line: string
  readonly bytes: Uint8Array
  readonly address: number
  readonly length: number
  readonly text: string
}

function answers(bits: 16 | 32): Answer[] {
  const url = new URL(`../vectors/ndisasm/bits${bits}.txt`, import.meta.url)
  const lines = readFileSync(url, "utf8").trimEnd().split("\n")
  return lines
    .filter((line) => !line.startsWith("#"))
    .map((line, n) => {
      const [hex, length, text] = line.split(" | ")
      const bytes = Uint8Array.from(hex.split(" "), (byte) => Number.parseInt(byte, 16))
      return { line, bytes, address: n * STRIDE, length: Number(length), text }
    })
}

function read({ bytes }: Answer, bits: 16 | 32): Instruction | undefined {
  let at = 0
  const decoded = decode(() => bytes[at++] ?? 0x90, bits)
  return isInstruction(decoded) ? decoded : undefined
}

/** Instructions that ndisasm does not know, or reads as something else, and why. */
const OTHERWISE: Readonly<Record<string, (instruction: Instruction, answer: Answer) => boolean>> = {
  "it knows no second encodings, such as 82h": ({ row }) => row.encoding.alias,
  "it wants SETcc to have 0 in reg, which the processor ignores": ({ row }, { length }) =>
    row.name.startsWith("SET") && length === 1,
  "it does not know MOVZX and MOVSX from 16 to 16 bits, nor BSWAP of 16 bits": (
    { row, operandSize },
    { length },
  ) => /^(MOV[ZS]X|BSWAP)/.test(row.name) && operandSize === 16 && length === 1,
  "it takes FWAIT as a prefix": ({ row }) => row.name === "FWAIT",
  "it wants MOV of control and debug registers to have 11b in mod, which the processor ignores": (
    { row },
    { length },
  ) => /CR|DR/.test(row.text.syntax) && length === 1,
  "it knows x87 instructions by their names": ({ row }) =>
    !row.encoding.escaped && (row.encoding.opcode & 0xf8) === 0xd8,
  "it knows what later processors made of it": (_, { text }) => LATER.test(text),
  "it reads an operand size before a conditional jump otherwise": ({ row, operandSize }, { text }) =>
    /^(J|CALL|LOOP)/.test(row.name) && (operandSize === 16 || /\bo32\b/.test(text)),
}
const LATER =
  /\b(endbr|tzcnt|lzcnt|popcnt|pause|hint_nop|bnd|prefetch|cldemote|rdssp|xbegin|xabort|montmul|incssp|xrelease|xacquire|wbnoinvd)/

const isOtherwise = (instruction: Instruction, answer: Answer) =>
  Object.values(OTHERWISE).some((is) => is(instruction, answer))

/** Numbers as a signed byte that was extended, or as they are: both ways of writing are met. */
function signed(digits: string): string {
  const value = Number.parseInt(digits, 16)
  if (value >= 0x8000_0000) return `${value - 2 ** 32}`
  return `${value >= 0xff80 && value <= 0xffff ? value - 0x10000 : value}`
}

/** Operands whose order does not matter stand in any. */
const inOrder = (name: string, operands: string) =>
  /^(xchg|test)$/.test(name) ? operands.split(",").sort().join() : operands
const NOPS = /^xchg (e?ax),\1$/
/** RET as NASM's disassembler writes its sizes. */
const oneName = (name: string) =>
  name.replace(/^ret([nf]?)[wd]?$/, (_, kind) => (kind === "f" ? "retf" : "ret"))

/** Prefix words, sizes and spaces stand elsewhere in NASM's disassembly; conditions have several names. */
function comparable(text: string): string {
  const words = text
    .toLowerCase()
    .replace(/\b(short|near|byte|word|dword|qword|nosplit|strict|[oa](?:16|32)) */g, "")
    .replace(/\b0x([0-9a-f]+)/g, (_, digits) => signed(digits))
    .replace(/, /g, ",")
    .replace(/\+-/g, "-")
    .replace(/--/g, "+")
    .replace(/([,\s[])\+/g, "$1")
    .replace(/^(.*\bloop.*),e?cx$/, "$1")
    .replace(/\*1\b/g, "")
    .replace(/\+0\]/g, "]")
    .trim()
  const [, prefixes, rest] =
    words.match(/^((?:(?:rep|repe|repne|repz|repnz|lock|cs|ds|es|fs|gs|ss) )*)(.*)$/) ?? []
  const [name, ...operands] = rest.split(" ")
  const known = oneName(ALIASES[name.toUpperCase()]?.toLowerCase() ?? name)
  const instruction = `${known} ${inOrder(known, operands.join(" "))}`.trim().replace(NOPS, "nop")
  return [...prefixes.trim().split(" ").sort(), instruction].join(" ").trim()
}

/** What the table has under the same name, but not with these operands. */
const NOT_OURS = /xmm|mm[0-7]|segr[67]|mov cs,|cr[1567]/

describe.each([32, 16] as const)("random bytes in %i-bit code", (bits) => {
  const cases = answers(bits).map((answer) => ({ answer, instruction: read(answer, bits) }))
  const valid = cases.flatMap(({ answer, instruction }) => (instruction ? [{ answer, instruction }] : []))
  const compared = valid.filter(({ answer, instruction }) => !isOtherwise(instruction, answer))

  test("are read as instructions often enough", () => {
    expect([valid.length > 2500, compared.length > 2300]).toEqual([true, true])
  })

  test("have the lengths that NASM's disassembler finds", () => {
    const differing = compared.filter(({ answer, instruction }) => answer.length !== instruction.length)
    expect(
      differing.slice(0, SHOWN).map(({ answer }) => answer.line),
      `${differing.length} differ`,
    ).toEqual([])
  })

  test("are the text that NASM's disassembler prints", () => {
    const differing = compared.flatMap(({ answer }) => {
      const { text } = disassemble(answer.bytes, answer.address, { bits })
      const [ours, theirs] = [comparable(text), comparable(answer.text)]
      return ours === theirs || text.startsWith("db ") ? [] : [`${answer.line} = ${ours} / ${theirs}`]
    })
    expect(differing.slice(0, SHOWN), `${differing.length} differ`).toEqual([])
  })

  test("are no instruction of the table where they are no instruction for us", () => {
    const missed = cases.flatMap(({ answer, instruction }) => {
      const name = comparable(answer.text)
        .replace(/^(?:(?:rep|repe|repne|lock|[c-g]s|ss|es) )+/, "")
        .split(" ")[0]
      const isRefused =
        /\block\b/.test(answer.text) || NOT_OURS.test(answer.text) || !MNEMONICS.has(name.toUpperCase())
      return instruction || isRefused ? [] : [answer.line]
    })
    expect(missed.slice(0, SHOWN), `${missed.length} were missed`).toEqual([])
  })
})

const installed = spawnSync("ndisasm", ["-v"]).status === 0

test.runIf(installed)(
  "the installed ndisasm says the same again, or prints where another version differs",
  () => {
    const script = fileURLToPath(new URL("../oracles/ndisasm.mjs", import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" })
    console.log(stdout.trim())
    expect(status, stdout + stderr).toBe(0)
  },
)
