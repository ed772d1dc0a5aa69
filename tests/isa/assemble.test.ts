import { describe, expect, test } from "vitest"
import { type AssemblyError, asm, assemble } from "../../src/isa/assemble"
import { type Program, sizeAt } from "../../src/isa/program"

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")
const bytesOf = (source: string, bits: 16 | 32 = 32) => hex(assemble(source, { bits }).bytes)

describe("a program", () => {
  const program = assemble(`
SIZE equ 4
org 0x1000
_start: mov eax, [table]   ; first
.again: dec eax
        jnz .again
        hlt
table:  times 2 dd SIZE
`)

  test("starts at its origin and is entered at the label start or _start", () => {
    expect(program.origin).toBe(0x1000)
    expect(program.entry).toBe(0x1000)
    expect(assemble("nop\nstart: hlt").entry).toBe(1)
    expect(assemble("org 0x7c00\nnop").entry).toBe(0x7c00)
  })

  test("names labels and constants in the order of the source, local labels in full", () => {
    expect(Object.entries(program.symbols)).toEqual([
      ["SIZE", 4],
      ["_start", 0x1000],
      ["_start.again", 0x1005],
      ["table", 0x1009],
    ])
  })

  test("tells labels from constants", () => {
    expect(Object.keys(program.labels)).toEqual(["_start", "_start.again", "table"])
  })

  test("knows which line made which bytes", () => {
    expect(program.lines.map(({ line, address, length }) => [line, address, length])).toEqual([
      [4, 0x1000, 5],
      [5, 0x1005, 1],
      [6, 0x1006, 2],
      [7, 0x1008, 1],
      [8, 0x1009, 8],
    ])
    expect(program.lines[0].text).toBe("_start: mov eax, [table]   ; first")
  })

  test("is the same every time", () => {
    expect(assemble(program.source)).toEqual(program)
  })

  test("may have a label that an object has as a property", () => {
    expect(assemble("constructor: jmp constructor\n__proto__: nop").symbols.constructor).toBe(0)
  })
})

describe("the size of code that nobody said", () => {
  const end = (code: string) => `${code}\ntimes 510 - ($ - $$) db 0\ndw 0xaa55`
  const narrow = ({ bytes }: Program) => hex(bytes.subarray(0, 3)) === "b8 01 00"
  const MOVE = "mov ax, 1"

  test("is 16 bits in a boot sector, as NASM takes it, and else 32", () => {
    expect(narrow(assemble(MOVE))).toBe(false)
    expect(narrow(assemble(end(MOVE)))).toBe(true)
    expect(narrow(assemble(end(MOVE), { bits: 32 }))).toBe(false)
    expect(narrow(assemble(end(`bits 32\n${MOVE}`)))).toBe(false)
  })

  test("is that in a template, too, whose boot sector loadBootSector starts", () => {
    expect(narrow(asm`${MOVE}`)).toBe(false)
    expect(narrow(asm`${end(MOVE)}`)).toBe(true)
  })

  test("is 32 bits behind the reach of 16-bit code, or if 55h and AAh lie elsewhere than at byte 510", () => {
    expect(narrow(assemble(end(MOVE), { origin: 0xfe00 }))).toBe(true)
    expect(narrow(assemble(end(MOVE), { origin: 0xfe01 }))).toBe(false)
    expect(narrow(assemble(`${MOVE}\ntimes 508 - ($ - $$) db 0\ndw 0xaa55, 0`))).toBe(false)
    expect(narrow(assemble(`${MOVE}\ntimes 510 - ($ - $$) db 0\ndb 0x55`))).toBe(false)
  })

  const mistakesOf = (source: string) => {
    try {
      return assemble(source) && 0
    } catch (error) {
      return (error as AssemblyError).mistakes.length
    }
  }

  test("is that with fewer mistakes: a boot sector full of 16-bit code has no other than its own", () => {
    expect(mistakesOf(end(`times 169 ${MOVE}\nmov ax, nowhere`))).toBe(1)
    expect(mistakesOf("mov al, [0x12345]\nmov ax, nowhere")).toBe(1)
  })

  test("is told with each change, and whether the source or its reader said it", () => {
    expect(assemble(end("nop\nbits 16\nnop\nuse32\nnop\nnop")).sizes).toEqual([
      { address: 0, bits: 16, said: false },
      { address: 1, bits: 16, said: true },
      { address: 2, bits: 32, said: true },
    ])
    const program = assemble("nop\nbits 16\nnop", { bits: 32, origin: 8 })
    expect(program.sizes).toEqual([
      { address: 8, bits: 32, said: true },
      { address: 9, bits: 16, said: true },
    ])
    expect([7, 8, 9, 20].map((address) => sizeAt(program, address)?.bits)).toEqual([undefined, 32, 16, 16])
  })
})

describe("origin and size of the code", () => {
  test("the origin is a 32-bit address", () => {
    expect(() => assemble("nop", { origin: -1 })).toThrow(
      new RangeError("assemble: origin -1 is no 32-bit address"),
    )
  })

  test("are options, and the source goes before them", () => {
    expect(hex(assemble("dd $", { origin: 0x100 }).bytes)).toBe("00 01 00 00")
    expect(hex(assemble("org 0x200\ndd $", { origin: 0x100 }).bytes)).toBe("00 02 00 00")
    expect(bytesOf("mov eax, 1", 16)).toBe("66 b8 01 00 00 00")
    expect(bytesOf("bits 32\nmov eax, 1", 16)).toBe("b8 01 00 00 00")
  })
})

describe("sections", () => {
  test("lie in the order .text, .data, .bss, each aligned to 4, and .bss is not stored", () => {
    const source = `
section .data
x: db 1
section .text
nop
mov eax, [x]
section .bss
y: resd 1
section .text
mov ebx, [y]`
    const { bytes, symbols } = assemble(source)
    expect(hex(bytes)).toBe("90 a1 0c 00 00 00 8b 1d 10 00 00 00 01")
    expect(symbols).toEqual({ x: 12, y: 16 })
  })

  test("are aligned as much as what is in them", () => {
    expect(assemble("section .data\nalign 16\nx: db 2\nsection .text\nhlt").symbols.x).toBe(16)
    expect(assemble("section .data align=8\nx: db 2\nsection .text\nhlt").symbols.x).toBe(8)
  })

  test("of .bss come last wherever they are written", () => {
    const { bytes, symbols } = assemble("section .bss\nb: resb 1\nsection .data\nd: db 7\nsection .text\nhlt")
    expect(symbols).toEqual({ b: 8, d: 4 })
    expect(hex(bytes)).toBe("f4 00 00 00 07")
  })

  test("of .bss hold no bytes, but may be aligned", () => {
    expect(assemble("section .bss\nresb 1\nalign 16\nx: resb 1").symbols.x).toBe(16)
    expect(() => assemble("section .bss\nnop")).toThrow(".bss holds no bytes")
  })

  test("are not reached by short jumps from one another", () => {
    expect(bytesOf("jmp x\nsection .data\nx: nop")).toBe("e9 03 00 00 00 00 00 00 90")
  })
})

describe("addresses as numbers", () => {
  test("may be taken apart, for descriptors and gates", () => {
    const source = "org 0x12345678\nhandler: dw handler & 0xffff, 8, 0x8e00, handler >> 16"
    expect(bytesOf(source)).toBe("78 56 08 00 00 8e 34 12")
  })

  test("keep their full width, however small they are", () => {
    expect(bytesOf("x: add eax, x")).toBe("05 00 00 00 00")
    expect(bytesOf("x: add eax, x - $$")).toBe("83 c0 00")
    expect(bytesOf("x: mov eax, [ebx + (x & 0xff)]")).toBe("8b 83 00 00 00 00")
  })
})

describe("a template", () => {
  test("takes numbers as numbers and strings as text", () => {
    const body = "inc eax"
    expect(
      hex(
        asm`mov eax, ${-5} - ${3}
      ${body}`.bytes,
      ),
    ).toBe("b8 f8 ff ff ff 40")
    expect(hex(asm`dq ${1n << 40n}`.bytes)).toBe("00 00 00 00 00 01 00 00")
  })

  test("takes a program as its source", () => {
    const piece = asm`here: dd here`
    expect(
      hex(
        asm`nop
${piece}`.bytes,
      ),
    ).toBe("90 01 00 00 00")
  })

  test("leaves escapes to the assembler", () => {
    expect(hex(asm`db 'a\n', 0`.bytes)).toBe("61 5c 6e 00")
  })

  test("refuses numbers that are no integers", () => {
    expect(() => asm`mov eax, ${0.5}`).toThrow(new RangeError("asm: 0.5 is no integer"))
  })
})

describe("sizes that depend on each other", () => {
  test("are the least that fit, for a chain of jumps too", () => {
    const jumps = Array.from({ length: 60 }, (_, n) => `jmp l${n}`)
    const labels = Array.from({ length: 60 }, (_, n) => `l${n}: times 2 nop`)
    const { bytes } = assemble([...jumps, ...labels].join("\n"))
    expect(bytes.length).toBeLessThan(60 * 5 + 120)
    expect(bytes[0]).toBe(0xeb)
  })

  test("may come from constants that are defined further down", () => {
    expect(bytesOf("add eax, x\nx equ y * 2\ny equ 3")).toBe("83 c0 06")
    expect(bytesOf("times n nop\nn equ 2")).toBe("90 90")
  })

  test("are refused if they contradict each other", () => {
    const source = "start: times 5 - (end - start) nop\nend: times (end - start) & 1 nop"
    expect(() => assemble(source)).toThrow("line 1, column 1: the sizes do not settle")
  })
})

test("a program that grows beyond all bounds is refused at once", () => {
  expect(() => assemble("times 0x7fffffff nop")).toThrow("out of range")
  expect(() => assemble("times 0x800000 dd 1")).toThrow("grows beyond 16 MiB")
  expect(() => assemble("resd 0x7fffffff")).toThrow("grows beyond 16 MiB")
})
