/** Operands of two parts at the end of 64 KiB, with 16-bit addresses: which offset the second part has. */
import type { Case } from "../case"
import * as W from "../world"

const BASE = 0x28000
const SEGMENT = W.SPARE
const hex = (value: number) => `0x${value.toString(16)}`
/** Selectors at offset 0, where the second part lies if its offset wraps, and beyond 64 KiB. */
const [START, BEYOND] = [W.DATA[0], W.DATA[1]]
/** The stub of this vector is where far transfers go: at linear 80B6h, so in 16 bits, too. */
const TARGET = W.stub(0x5b)

const SIZES = [16, 32] as const
/** QEMU checks no limits: so the segment has room for either. */
const LIMIT = 0x1ffff

interface Way {
  readonly name: string
  /** The instruction, on FS. */
  readonly lines: (at: number, prefix: string, size: 16 | 32) => string
  /** The first part, and the second at offset 0 and beyond. */
  readonly parts: readonly [first: number, start: number, beyond: number]
}

const loads = ["les", "lds", "lss", "lfs", "lgs"].map(
  (name): Way => ({
    name,
    lines: (at, prefix, size) =>
      `${prefix} ${name} ${size === 16 ? "cx" : "ecx"}, [fs:${hex(at)}]\n  mov edx, ${name.slice(1)}\n  mov ax, DATA0\n  mov ds, ax\n  int 0x58`,
    parts: [0x1234, START, BEYOND],
  }),
)
const jumps = [3, 5].map(
  (digit): Way => ({
    name: digit === 3 ? "call far" : "jmp far",
    lines: (at, _prefix, size) =>
      `db 0x64, 0x67${size === 16 ? ", 0x66" : ""}, 0xff, ${hex(6 | (digit << 3))}\n  dw ${hex(at)}`,
    parts: [TARGET, W.CODE[0], W.DATA[1]],
  }),
)
const bound = [7, 4].map(
  (start): Way => ({
    name: `bound with 5 and ${start} at offset 0`,
    lines: (at, prefix, size) =>
      `  mov ecx, 5\n  ${prefix} bound ${size === 16 ? "cx" : "ecx"}, [fs:${hex(at)}]\n  int 0x58`,
    parts: [2, start, 11 - start],
  }),
)

const pokes = (size: 16 | 32, [first, start, beyond]: Way["parts"]): W.Poke[] => [
  ...W.descriptorAt(SEGMENT, W.segment(BASE, LIMIT, W.rights(W.DATA_TYPE), W.BIG)),
  [BASE + 0xfffc, (size === 16 ? first << 16 : first) >>> 0],
  [BASE, start],
  [BASE + 0x10000, beyond],
]
const PREPARE = `  mov ax, ${hex(SEGMENT)}\n  mov fs, ax\n`

const pairs = (): Case[] =>
  [...loads, ...jumps, ...bound].flatMap(({ name, lines, parts }) =>
    SIZES.map((size) => ({
      name: `${name} of 16:${size} at the end of 64 KiB`,
      pokes: pokes(size, parts),
      code: PREPARE + lines(0x10000 - size / 8, size === 16 ? "  a16 o16" : "  a16", size),
    })),
  )

/** Operands of one part, and of two with 32-bit addresses, go on beyond 64 KiB. */
const others = (): Case[] =>
  ["a16 cmpxchg8b [fs:0xfffc]", "a16 mov ecx, [fs:0xfffe]", "les ecx, [fs:0xfffc]"].map((line) => ({
    name: `${line} at the end of 64 KiB`,
    pokes: pokes(32, [0x1234, START, BEYOND]),
    code: `${PREPARE}  ${line}\n  int 0x58`,
  }))

export const operands = (): Case[] => [...pairs(), ...others()]
