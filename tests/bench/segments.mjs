/**
 * Programs that run in ordinary segments, beside the same ones in flat segments: a virtual machine monitor keeps its guest
 * out of the top 4 MiB by segments that end below, and has its own data behind a segment with a base.
 */
import { forEver, rom, SIEVE, SYSTEM_GATES, systemCalls } from "./programs.mjs"

/** Descriptors of the kit's table, from selector 50h on: code and data that end at FFBFFFFFh, for a ring; data at 2 MiB. */
const FIRST = 0x50
const ends = (ring, type) => `  dw 0xfbff, 0\n  db 0, ${0x80 | (ring << 5) | type}, 0xcf, 0`
const CODE = 0x1a
const DATA = 0x12
const DESCRIPTORS = [
  ends(1, CODE),
  ends(1, DATA),
  ends(3, CODE),
  ends(3, DATA),
  "  dw 0xffff, 0\n  db 0x20, 0x92, 0xc0, 0",
]
const selector = (number, ring) => `${FIRST + 8 * number + ring}`

/** The sieve in ring 1, which may use ports. */
const sieve = (code, data) => `
main: push ${data}
  push 0x90000
  push 0x1002
  push ${code}
  push inside
  iretd
inside: mov eax, ${data}
  mov ds, eax
  mov es, eax
${forEver(SIEVE).replace("main: mov esp, 0x90000", "")}`

/** A flag in memory is cleared and set, as translated code does with its virtual IF. */
const flag = (data) =>
  forEver(`
round: mov eax, ${data}
  mov gs, eax
  mov ecx, 100000
  xor ebx, ebx
.turn: and dword [gs:16], ~0x200
  add ebx, ecx
  or dword [gs:16], 0x200
  add ebx, [gs:16]
  dec ecx
  jnz .turn
  mov eax, ebx
  ret
`)

const RING_1 = [selector(0, 1), selector(1, 1)]
const RING_3 = [selector(2, 3), selector(3, 3)]

/** What is measured, the program and the same one with flat segments, what is wanted of the ratio, and gates. */
const PAIRS = [
  ["sieve in ring 1, segments end at FFBFFFFFh", sieve(...RING_1), sieve("CODE1", "DATA1"), "0.8 at least"],
  ["loop through a segment with a base", flag(selector(4, 0)), flag("DATA0"), "0.8 at least"],
  [
    "system calls from ring 3, segments end at FFBFFFFFh",
    forEver(systemCalls(...RING_3)),
    forEver(systemCalls("CODE3", "DATA3")),
    "0.8 at least",
    SYSTEM_GATES,
  ],
]

/** Pairs of ROMs, with their names. */
export const pairs = () =>
  PAIRS.map(([what, bounded, flat, wanted, gates = []]) => {
    const made = (name, source) => ({ name, ...rom(source, { gates, descriptors: DESCRIPTORS }) })
    return { what, wanted, bounded: made(what, bounded), flat: made(`${what}: flat`, flat) }
  })
