/** The table's flags column, against the manual's own table, and against what execution does to the flags. */
import { describe, expect, test } from "vitest"
import { AF, CF, OF, PF, SF, STATUS, ZF } from "../../src/isa/eflags"
import { TABLE } from "../../src/isa/isa"
import type { Row } from "../../src/isa/notation"
import type { Machine } from "../../src/machine/machine"
import { pc } from "../../src/pc"
import { randomSource } from "../oracles/random.mjs"

/**
 * Status flags that instructions define, and after "?" leave undefined. OF of shifts by more than 1 is not told apart here.
 * @see SDM Vol. 1 Appendix A Table A-2 "EFLAGS Cross-Reference"
 */
const MANUAL = `
AAA AAS          ac?oszp
AAD AAM          szp?oac
ADC ADD CMP CMPSB CMPSD CMPXCHG NEG SBB SCASB SCASD SUB XADD IRETD POPFD  oszapc
AND OR TEST XOR  oszpc?a
ARPL CMPXCHG8B LAR LSL VERR VERW  z
BSF BSR          z?osapc
BT BTC BTR BTS   c?osap
CLC CMC STC      c
DAA DAS          szapc?o
DEC INC          oszap
DIV IDIV         ?oszapc
IMUL MUL         oc?szap
RCL RCR ROL ROR  oc
SAHF             szapc
SAR SHL SHR      oszpc?a
SHLD SHRD        szpc?oa`

const manual = new Map<string, string>(
  MANUAL.trim()
    .split("\n")
    .flatMap((line) => {
      const words = line.trim().split(/\s+/)
      return words.slice(0, -1).map((name) => [name, words[words.length - 1]] as const)
    }),
)

const BITS: Readonly<Record<string, number>> = { o: OF, s: SF, z: ZF, a: AF, p: PF, c: CF }
const mask = (letters: string) => [...letters].reduce((bits, letter) => bits | (BITS[letter] ?? 0), 0)
const isSystemMove = ({ operands }: Row) => operands.includes("CR") || operands.includes("DR")

describe("the manual's table of flags has", () => {
  const rows = TABLE.map((row) => [`${row.text.encoding}  ${row.text.syntax}`, row] as const)
  test.each(rows)("%s", (_, row) => {
    const said = isSystemMove(row) ? "?oszapc" : (manual.get(row.name) ?? "")
    const [defined, unknown = ""] = said.split("?")
    expect([mask(row.flags.defined), mask(row.flags.undefined)]).toEqual([mask(defined), mask(unknown)])
  })
})

const CODE = 0x8000
const CASES = 60
/** Rows whose runs end in a handler or elsewhere, or change flags with the mode. */
const ELSEWHERE = /^(IRET|POPF)/

/** Flags that runs of a row changed, as a mask; faults are left out. */
function changedBy(row: Row): number {
  const random = randomSource(row.number + 1)
  const machine = pc({ memory: 1 })
  const start = machine.cpu.save()
  let changed = 0
  for (let n = 0; n < CASES; n++) {
    machine.cpu.restore(start)
    changed |= changedOnce(row, random, machine)
  }
  return changed
}

/** One machine for all cases of a row: to make one takes ten times as long as to put its processor back. */
function changedOnce(row: Row, random: ReturnType<typeof randomSource>, machine: Machine): number {
  const { cpu, memory } = machine
  const { opcode, escaped, plusRegister, modrm, always32 } = row.encoding
  const bytes = [...(always32 || random.once(2) ? [] : [0x66]), ...(escaped ? [0x0f] : [])]
  bytes.push(opcode + (plusRegister ? random.below(8) : 0))
  const mode = row.operands.some((type) => /^m/.test(type)) ? 1 : random.pick([1, 3])
  if (modrm !== null)
    bytes.push((mode << 6) | ((modrm === "r" ? random.below(8) : modrm) << 3) | random.below(8))
  while (bytes.length < 15) bytes.push(random.below(256) & 0x7f)
  memory.write(CODE, bytes)
  memory.write(
    0x2_0000,
    Array.from({ length: 0x100 }, () => random.below(256)),
  )
  for (let register = 0; register < 8; register++) cpu.reg[register] = 0x2_0000 | random.below(256)
  if (random.once(3)) cpu.reg[random.pick([0, 2])] = random.next()
  cpu.eip = CODE
  const before = 2 | (random.next() & STATUS)
  cpu.flags.value = before
  let faulted = false
  machine.listener = { detail: false, tell: ({ is }) => void (faulted ||= is === "fault") }
  machine.step()
  return faulted ? 0 : (cpu.flags.value ^ before) & STATUS
}

describe("execution changes the status flags that the column names, and no others:", () => {
  test.each(TABLE.filter(({ name }) => !ELSEWHERE.test(name)).map((row) => [row.text.syntax, row] as const))(
    "%s",
    (_, row) => {
      const changed = changedBy(row)
      expect(changed & ~mask(row.flags.defined + row.flags.undefined)).toBe(0)
      const always = mask(row.flags.defined)
      // What writes no flag in real runs here needs descriptors, or the divisor of AAM.
      if (!/^(VER|LAR|LSL)/.test(row.name)) expect(changed & always).toBe(always)
    },
  )
})
