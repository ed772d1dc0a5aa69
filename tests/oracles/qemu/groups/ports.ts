/** Who may use a port: CPL and IOPL, and the edges of the I/O permission bitmap. */
import type { Case } from "../case"
import * as W from "../world"

const RINGS = [0, 1, 2, 3]
/** Ports that no device has. */
const PORT = 0x280
const MAP = 104
const MAP_BASE = W.AT.taskA + 100
const byteOf = (port: number) => W.AT.taskA + MAP + (port >> 3)
const SIZES = { 8: "al", 16: "ax", 32: "eax" }
const hex = (value: number) => `0x${value.toString(16)}`

const withMap = (limit: number, base = MAP): W.Poke[] => [
  ...W.descriptorAt(W.TASK_A, W.segment(W.AT.taskA, limit, 0x89)),
  [MAP_BASE, (base << 16) >>> 0],
]
const WIDE = 0x1ff

function levels(): Case[] {
  return RINGS.flatMap((ring) =>
    RINGS.flatMap((iopl) =>
      ["in al, dx", "out dx, al", "insb", "outsb", "cli", "sti"].map(
        (code): Case => ({
          name: `${code} in ring ${ring} with IOPL ${iopl}`,
          ring,
          state: { eflags: 2 | (iopl << 12), edx: PORT, esi: W.AT.data, edi: W.AT.data },
          code: `  ${code}\n  int 0x58`,
        }),
      ),
    ),
  )
}

/** One closed port of sixteen, and accesses of every size at every offset. */
function bits(): Case[] {
  const cases: Case[] = []
  for (const [size, register] of Object.entries(SIZES))
    for (let offset = 0; offset < 8; offset++)
      for (const closed of [0, 3, 7, 8, 10])
        cases.push({
          name: `${size} bits from port ${hex(PORT + offset)}, port ${hex(PORT + closed)} closed`,
          ring: 3,
          state: { edx: PORT + offset },
          pokes: [...withMap(WIDE), [byteOf(PORT), 1 << closed]],
          code: `  out dx, ${register}\n  int 0x58`,
        })
  return cases
}

/** The map ends where the TSS ends, and two bytes of it are always read. */
function edges(): Case[] {
  const last = MAP + (PORT >> 3)
  const limits = [last - 1, last, last + 1, last + 2]
  const bases = [0, 100, 103, 104, 0x1ff - 0x50, 0x1ff - 0x51, 0x200, 0xffff]
  return [
    ...limits.flatMap((limit) =>
      Object.entries(SIZES).map(
        ([size, register]): Case => ({
          name: `${size} bits, the TSS ends ${limit - last} bytes behind the port`,
          ring: 3,
          state: { edx: PORT },
          pokes: withMap(limit),
          code: `  out dx, ${register}\n  int 0x58`,
        }),
      ),
    ),
    ...bases.map(
      (base): Case => ({
        name: `the map begins at ${hex(base)}`,
        ring: 3,
        state: { edx: PORT },
        pokes: withMap(WIDE, base),
        code: "  in al, dx\n  int 0x58",
      }),
    ),
  ]
}

/** REP INS and REP OUTS are refused before anything is done; a count of 0 as well. */
function strings(): Case[] {
  return ["rep insb", "rep outsw", "insd", "outsd", "rep outsb"].flatMap((code) =>
    [0, 2].flatMap((count) =>
      [0, 1].map(
        (closed): Case => ({
          name: `${code}, ECX ${count}, port ${closed ? "closed" : "open"}`,
          ring: 3,
          state: { edx: PORT, ecx: count, esi: W.AT.data, edi: W.AT.data },
          pokes: [...withMap(WIDE), [byteOf(PORT), closed]],
          code: `  ${code}\n  int 0x58`,
        }),
      ),
    ),
  )
}

/** A 16-bit TSS has no map; in virtual-8086 mode IOPL does not count. */
function others(): Case[] {
  return [0, 3].flatMap((iopl) =>
    [0, 1].map(
      (closed): Case => ({
        name: `in virtual-8086 mode with IOPL ${iopl}, port ${closed ? "closed" : "open"}`,
        state: {
          eflags: 0x20002 | (iopl << 12),
          cs: 0x2000,
          eip: 0,
          ss: 0x700,
          esp: 0x400,
          edx: PORT,
          ds: 0,
          es: 0,
        },
        pokes: [...withMap(WIDE), [byteOf(PORT), closed]],
        bits: 16,
        code: "  in al, dx\n  hlt",
      }),
    ),
  )
}

export const ports = (): Case[] => [...levels(), ...bits(), ...edges(), ...strings(), ...others()]
