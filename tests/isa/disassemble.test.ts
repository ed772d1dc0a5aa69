import { describe, expect, test } from "vitest"
import { assemble } from "../../src/isa/assemble"
import { decode, isInstruction } from "../../src/isa/decode"
import { disassemble, disassembleAll } from "../../src/isa/disassemble"
import { TABLE } from "../../src/isa/isa"
import type { Row } from "../../src/isa/notation"
import type { Instruction } from "../../src/isa/operand"
import { randomSource } from "../oracles/random.mjs"

const bytesOf = (hex: string) => Uint8Array.from(hex.split(" ").map((byte) => Number.parseInt(byte, 16)))
const hexOf = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")

/** Bytes | text, at address 1000h in 32-bit code. */
const WORKED = `
C7 45 F8 1F 00 00 00 | mov dword [ebp-8], 0x1f
3C 41                | cmp al, 0x41
89 D8                | mov eax, ebx
83 C4 F8             | add esp, -8
8B 04 8D 00 20 00 00 | mov eax, [ecx*4+0x2000]
8B 04 5D 00 00 00 00 | mov eax, [nosplit ebx*2]
A1 34 12 00 00       | mov eax, [0x1234]
67 A1 34 12          | mov eax, [word 0x1234]
26 8A 07             | mov al, [es:edi]
0F B6 00             | movzx eax, byte [eax]
66 F7 00 01 00       | test word [eax], 1
F0 FF 00             | lock inc dword [eax]
F3 A5                | rep movsd
F3 66 A7             | repe cmpsw
F2 AE                | repne scasb
2E AC                | cs lodsb
67 AC                | a16 lodsb
EB FE                | jmp short 0x1000
74 10                | je short 0x1012
0F 84 10 00 00 00    | je 0x1016
E2 FE                | loop 0x1000
E3 FE                | jecxz 0x1000
67 E3 FD             | jcxz 0x1000
E8 FB 0F 00 00       | call 0x2000
66 E9 FC FF          | jmp word 0x1000
EA 00 20 00 00 08 00 | jmp 8:0x2000
FF 2B                | jmp far [ebx]
66 FF 1B             | call word far [ebx]
FF 13                | call dword [ebx]
9C                   | pushf
66 9C                | pushfw
CF                   | iret
66 CF                | iretw
66 C3                | o16 ret
6A FF                | push -1
66 6A FF             | push word -1
68 00 00 00 80       | push 0x80000000
CD 80                | int 0x80
0F 01 13             | lgdt [ebx]
0F 20 C0             | mov eax, cr0
8E D8                | mov ds, ax
8C 18                | mov word [eax], ds
87 D9                | xchg ebx, ecx
D1 E0                | shl eax, 1
0F C7 0B             | cmpxchg8b qword [ebx]
D4 0A                | aam 0xa
0F 0B                | ud2
66 0F C8             | db 0x66, 0xf, 0xc8
0F FF                | db 0xf
F0 90                | db 0xf0
B8 01                | db 0xb8
`

test.each(WORKED.trim().split("\n"))("%s", (line) => {
  const [hex, text] = line.split("|").map((part) => part.trim())
  expect(disassemble(bytesOf(hex), 0x1000).text).toBe(text)
})

describe("names", () => {
  const symbols = { start: 0x1000, "start.loop": 0x1012, table: 0x2000, eax: 0x3000 }
  const text = (hex: string) => disassemble(bytesOf(hex), 0x1000, { symbols }).text

  test("a jump to a label names it, and says near only where short would do", () => {
    expect(text("EB FE")).toBe("jmp start")
    expect(text("0F 84 0C 00 00 00")).toBe("je near start.loop")
    expect(text("E8 FB 0F 00 00")).toBe("call table")
  })

  test("an address that is not beside a base is named", () => {
    expect(text("A1 00 20 00 00")).toBe("mov eax, [table]")
    expect(text("FF 24 8D 00 20 00 00")).toBe("jmp dword [ecx*4+table]")
    expect(text("8B 83 00 20 00 00")).toBe("mov eax, [ebx+0x2000]")
  })

  test("a label that is called like a register is written with a $", () => {
    expect(text("E8 FB 1F 00 00")).toBe("call $eax")
  })
})

test("a listing of a program with labels assembles to the same bytes", () => {
  const source =
    "org 0x1000\nstart: mov ecx, 10\n.next: add eax, [table+ecx*4]\nloop .next\njmp start\ntable: hlt"
  const { bytes, origin, labels } = assemble(source)
  const lines = disassembleAll(bytes, origin, { symbols: labels })
  const nameAt = (address: number) => Object.keys(labels).find((name) => labels[name] === address)
  const listing = lines.map(({ address, text }) => (nameAt(address) ? `${nameAt(address)}: ${text}` : text))
  expect(hexOf(assemble(["org 0x1000", ...listing].join("\n")).bytes)).toBe(hexOf(bytes))
})

test("no byte at all is the caller's mistake", () => {
  expect(() => disassemble(new Uint8Array(), 0)).toThrow(RangeError)
})

/** What must survive: row name, sizes, operands and prefixes; targets as addresses, exchanged operands in any order. */
function meaning(instruction: Instruction, address: number): string {
  const { row, operandSize, addressSize, repeat, lock, override, length } = instruction
  const operands = instruction.operands.map((operand) => {
    if (operand.kind !== "relative")
      return JSON.stringify({ ...operand, scale: operand.index < 0 ? 0 : operand.scale })
    const target = address + length + operand.value
    return `to ${operandSize === 32 ? target >>> 0 : target & 0xffff}`
  })
  if (row.name === "XCHG") operands.sort()
  if (row.name === "XCHG" && operands[0] === operands[1]) return `NOP ${addressSize} ${repeat} ${override}`
  if (row.name === "NOP") return `NOP ${addressSize} ${repeat} ${override}`
  return [row.name, row.name16, operandSize, addressSize, repeat, lock, override, ...operands].join(" ")
}

function decodeAll(bytes: Uint8Array, bits: 16 | 32): Instruction | undefined {
  let at = 0
  const decoded = decode(() => bytes[at++] ?? 0, bits)
  return isInstruction(decoded) ? decoded : undefined
}

type Random = ReturnType<typeof randomSource>

/**
 * Bytes that begin as the row's encoding does; the rest is random. Case number `n` settles what must all be met:
 * operand size, address size, and a register or memory in ModR/M.
 */
function bytesFor(row: Row, n: number, random: Random): Uint8Array {
  const { opcode, escaped, plusRegister, modrm, lockable } = row.encoding
  const bytes = [...(n & 1 ? [0x66] : []), ...(n & 2 ? [0x67] : []), ...rarely(random)]
  if (lockable && n & 4 && random.once(3)) bytes.push(0xf0)
  if (escaped) bytes.push(0x0f)
  bytes.push(opcode + (plusRegister ? random.below(8) : 0))
  const mode = n & 4 ? random.below(3) : 3
  if (modrm !== null)
    bytes.push((mode << 6) | ((modrm === "r" ? random.below(8) : modrm) << 3) | random.below(8))
  while (bytes.length < 15) bytes.push(random.pick([0, 1, 0x7f, 0x80, 0xff, 0x25, random.below(256)]))
  return Uint8Array.from(bytes)
}

/** Sometimes a segment override, sometimes a repeat prefix. */
function rarely(random: Random): number[] {
  const override = random.once(4) ? [random.pick([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65])] : []
  return random.once(4) ? [random.pick([0xf2, 0xf3]), ...override] : override
}

/** NASM and we assemble these to a NOP, which is shown as such. */
const IS_NOP = /xchg (e?ax), \1$/

const CASES = 24
const ADDRESS = 0x4000

describe.each([32, 16] as const)(
  "in %i-bit code what the disassembler prints, the assembler reads",
  (bits) => {
    const forms = new Set<string>()

    test.each(TABLE.map((row) => [`${row.text.encoding}  ${row.text.syntax}`, row] as const))(
      "%s",
      (name, row) => {
        const random = randomSource(row.number * 2 + bits)
        for (let n = 0; n < CASES; n++) {
          const bytes = bytesFor(row, n, random)
          const before = decodeAll(bytes, bits)
          if (!before) continue
          const { text } = disassemble(bytes, ADDRESS, { bits })
          const again = assemble(text, { origin: ADDRESS, bits }).bytes
          const shown = `${name}: ${hexOf(bytes.subarray(0, before.length))} = ${text} = ${hexOf(again)}`
          const after = decodeAll(again, bits)
          expect(after && meaning(after, ADDRESS), shown).toBe(meaning(before, ADDRESS))
          if (!IS_NOP.test(text)) expect(disassemble(again, ADDRESS, { bits }).text, shown).toBe(text)
          const memory = before.operands.some(({ kind }) => kind === "memory")
          forms.add(`${before.row.number} ${before.operandSize} ${memory ? "memory" : "register"}`)
        }
      },
    )

    test("every row was met, with both operand sizes where it has them, in registers and in memory", () => {
      const missing = TABLE.flatMap((row) => formsOf(row)).filter((form) => !forms.has(form))
      expect(missing).toEqual([])
    })
  },
)

/** Immediates and distances whose bytes mean the most. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff]
/** SIB bytes: every base, every index, every scale. */
const SIBS = Array.from({ length: 32 }, (_, n) => ((n & 3) << 6) | ((n >> 2) << 3) | ((n * 3) & 7))

/** Both sizes of operands and of addresses, every mode and r/m of ModR/M: all ways to write a row's operands. */
function allShapes(row: Row): Uint8Array[] {
  const { opcode, escaped, plusRegister, modrm } = row.encoding
  const shapes = modrm === null ? (plusRegister ? 8 : EDGES.length) : 32
  return [[], [0x66], [0x67], [0x66, 0x67]].flatMap((prefixes, variant) =>
    Array.from({ length: shapes }, (_, n) => {
      const reg = modrm === "r" ? (n * 5 + variant) & 7 : modrm
      const mode = reg === null ? [] : [((n & 0x18) << 3) | (reg << 3) | (n & 7)]
      const sib = mode.length > 0 && (n & 7) === 4 ? [SIBS[(variant * 8 + (n >> 3)) % SIBS.length]] : []
      const rest = new Array<number>(12).fill(EDGES[n % EDGES.length])
      return Uint8Array.from([
        ...prefixes,
        ...(escaped ? [0x0f] : []),
        opcode + (plusRegister ? n : 0),
        ...mode,
        ...sib,
        ...rest,
      ])
    }),
  )
}

/** The shapes that are instructions, each cut to its length and with the address that it lies at behind the others. */
function placed(row: Row, bits: 16 | 32) {
  let address = ADDRESS
  return allShapes(row).flatMap((shape) => {
    const instruction = decodeAll(shape, bits)
    if (!instruction) return []
    const bytes = shape.subarray(0, instruction.length)
    const at = address
    address += instruction.length
    return [{ instruction, bytes, at, text: disassemble(bytes, at, { bits }).text }]
  })
}

describe.each([32, 16] as const)(
  "in %i-bit code assembling what was disassembled gives the same instruction, in every shape of its operands",
  (bits) => {
    test.each(TABLE.map((row) => [`${row.text.encoding}  ${row.text.syntax}`, row] as const))(
      "%s",
      (_, row) => {
        const shapes = placed(row, bits)
        expect(shapes.length).toBeGreaterThanOrEqual(4)
        const again = assemble(shapes.map(({ text }) => text).join("\n"), { origin: ADDRESS, bits }).bytes
        let at = 0
        const wrong = shapes.flatMap(({ instruction, bytes, at: was, text }) => {
          const after = decodeAll(again.subarray(at), bits)
          const here = ADDRESS + at
          at += after?.length ?? 1
          return after && meaning(after, here) === meaning(instruction, was)
            ? []
            : [`${hexOf(bytes)} = ${text}`]
        })
        expect(wrong).toEqual([])
        expect(at).toBe(again.length)
      },
    )
  },
)

function formsOf(row: Row): string[] {
  const sizes = row.encoding.always32 ? [32] : [16, 32]
  const rm = row.operands.some((type) => /^r.*\/m/.test(type))
  const memory = row.operands.some((type) => /^m/.test(type))
  const places = rm ? ["memory", "register"] : [memory ? "memory" : "register"]
  return sizes.flatMap((size) => places.map((place) => `${row.number} ${size} ${place}`))
}
