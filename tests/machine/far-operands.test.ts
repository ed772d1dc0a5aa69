/** Operands of two parts with 16-bit addresses: the second part's offset wraps at 64 KiB, as measured on an AMD EPYC. */
import { describe, expect, test } from "vitest"
import { register, run } from "./guest"

/** Data at 20000h of 64 and of 128 KiB, code there of 128 KiB; then two to load. */
const SEGMENTS = [
  "  dw 0xffff, 0\n  db 2, 0x92, 0x40, 0",
  "  dw 0xffff, 0\n  db 2, 0x92, 0x41, 0",
  "  dw 0xffff, 0\n  db 2, 0x9a, 0x41, 0",
  "  dw 0xffff, 0\n  db 2, 0x92, 0xcf, 0",
  "  dw 0xffff, 0\n  db 2, 0x92, 0xcf, 0",
]
const CODE = 0x60
const [RIGHT, WRONG] = [0x68, 0x70]
const BASE = 0x20000

/** Lines that run with FS a segment of one of the sizes. The word at its offset 0 is `start`, the one at 10000h `beyond`. */
function within(segment: number, start: number, beyond: number, lines: string) {
  const prepare = [
    `mov word [${BASE}], ${start}`,
    `mov word [${BASE + 0x10000}], ${beyond}`,
    `mov ax, ${segment}\n mov fs, ax`,
  ]
  return run(`${prepare.join("\n")}\n xor eax, eax\n${lines}`, { descriptors: SEGMENTS })
}

/** The first part's bytes end where 64 KiB end. */
const first = (size: number) => 0x10000 - size / 8
const put = (size: number, value: number) =>
  `mov ${size === 16 ? "word" : "dword"} [${BASE + first(size)}], ${value}`
const prefixes = (size: number) => `a16 ${size === 16 ? "o16 " : ""}`

for (const [what, segment] of [
  ["a segment of 64 KiB", 0x50],
  ["a larger segment", 0x58],
] as const)
  describe(`at the end of 64 KiB of ${what}`, () => {
    for (const name of ["es", "ds", "ss", "fs", "gs"])
      for (const size of [16, 32])
        test(`L${name.toUpperCase()} of 16:${size} takes its selector from offset 0`, () => {
          const load = `${prefixes(size)} l${name} ${size === 16 ? "cx" : "ecx"}, [fs:${first(size)}]`
          const ran = within(segment, RIGHT, WRONG, `${put(size, 0x1234)}\n ${load}\n mov ebx, ${name}\n hlt`)
          expect([register(ran.machine, "ecx") & 0xffff, register(ran.machine, "ebx")]).toEqual([
            0x1234,
            RIGHT,
          ])
        })
    for (const size of [16, 32]) {
      test(`BOUND of ${size} bits takes its upper limit from offset 0`, () => {
        const index = size === 16 ? "cx" : "ecx"
        const bound = `${put(size, 2)}\n mov ecx, 5\n ${prefixes(size)} bound ${index}, [fs:${first(size)}]\n hlt`
        expect(within(segment, 7, 4, bound).faults).toEqual([])
        expect(within(segment, 4, 7, bound).faults).toEqual(["#BR"])
      })
      for (const [name, digit] of [
        ["CALL", 3],
        ["JMP", 5],
      ] as const)
        test(`${name} to a far pointer of 16:${size} takes its selector from offset 0`, () => {
          // 64 67 [66] FF /digit, at an offset of 16 bits.
          const bytes = [
            0x64,
            0x67,
            ...(size === 16 ? [0x66] : []),
            0xff,
            6 | (digit << 3),
            first(size) & 0xff,
            0xff,
          ]
          const lines = `mov byte [${BASE + 0x100}], 0xf4\n ${put(size, 0x100)}\n db ${bytes.join(", ")}`
          const { machine, faults } = within(segment, CODE, WRONG, lines)
          expect(faults).toEqual([])
          expect([machine.cpu.selector(1), machine.cpu.eip]).toEqual([CODE, 0x101])
        })
    }
  })

describe("an operand of one part does not wrap", () => {
  for (const [name, lines] of [
    ["CMPXCHG8B", "a16 cmpxchg8b [fs:0xfffc]"],
    ["MOV", "a16 mov eax, [fs:0xfffe]"],
    ["LODS", "mov esi, 0xfffe\n a16 fs lodsd"],
  ])
    test(`${name}: #GP at the limit, and a larger segment goes on`, () => {
      expect(within(0x50, 1, 2, `${lines}\n hlt`).faults).toEqual(["#GP(0)"])
      const { machine, faults } = within(0x58, 1, 2, `${lines}\n hlt`)
      expect(faults).toEqual([])
      expect(
        register(machine, name === "CMPXCHG8B" ? "edx" : "eax") >>> (name === "CMPXCHG8B" ? 0 : 16),
      ).toBe(2)
    })
})

test("with 32-bit addresses the second part lies beyond 64 KiB", () => {
  const { machine } = within(0x58, WRONG, RIGHT, "o16 les cx, [dword fs:0xfffe]\n mov ebx, es\n hlt")
  expect(register(machine, "ebx")).toBe(RIGHT)
})
