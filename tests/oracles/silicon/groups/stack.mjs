/* The stack: PUSH and POP in all shapes, PUSHA, POPA, PUSHF, POPF, ENTER, LEAVE. */
import { REGISTERS } from "../state.mjs"

/** Fills the top of the stack with random values. */
const full = (state, { random }) =>
  state.storeBytes(
    0x20000800,
    Array.from({ length: 32 }, () => random.below(256)),
  )

/** Any flags, so that PUSHF shows them and POPF changes them. */
function anyFlags(state, context) {
  full(state, context)
  for (const flag of ["df", "nt", "id"]) if (context.random.below(2)) state.flags.add(flag)
}

const pushes = [
  { name: "PUSH", opcode: "50", operands: "Zv", stack: true },
  { name: "PUSH ESP", opcode: "54", sizes: true },
  { name: "PUSH", opcode: "68", operands: "Iv" },
  { name: "PUSH", opcode: "6A", operands: "Is", sizes: true },
  { name: "PUSH", opcode: "FF /6", operands: "Ev", stack: true },
  { name: "PUSH ES", opcode: "06", sizes: true, count: 30, fixed: (state) => state.set("es", 0x0f) },
  { name: "PUSH CS", opcode: "0E", sizes: true, count: 30 },
  { name: "PUSH SS", opcode: "16", sizes: true, count: 30 },
  { name: "PUSH DS", opcode: "1E", sizes: true, count: 30, fixed: (state) => state.set("ds", 0x07) },
  { name: "PUSH FS", opcode: "0F A0", sizes: true, count: 30, fixed: (state) => state.set("fs", 0x27) },
  { name: "PUSH GS", opcode: "0F A8", sizes: true, count: 30, fixed: (state) => state.set("gs", 0x2b) },
  { name: "PUSHA", opcode: "60", sizes: true, uses: REGISTERS.join(" ") },
  { name: "PUSHF", opcode: "9C", sizes: true, fixed: anyFlags, count: 20 },
]

/** POP to memory through ESP: the address is computed with ESP already raised. */
const pops = [
  { name: "POP", opcode: "58", operands: "Zv", stack: true, fixed: full },
  { name: "POP ESP", opcode: "5C", sizes: true, fixed: full },
  { name: "POP", opcode: "8F /0", operands: "Ev", stack: true, fixed: full },
  { name: "POP [ESP]", opcode: "8F 04 24", sizes: true, fixed: full },
  { name: "POP [ESP+8]", opcode: "8F 44 24 08", sizes: true, fixed: full },
  { name: "POPA", opcode: "61", sizes: true, fixed: full },
  { name: "POPF", opcode: "9D", sizes: true, fixed: anyFlags, count: 40 },
]

const SELECTORS = [0, 3, 7, 0x0f, 0x17, 0x1f, 0x23, 0x27, 0x2b, 0x2f, 0x3f, 0x47, 0x57, 0xfff7]
const selector = (state, { random }) =>
  state.store(0x20000800, 32, (random.next() & 0xffff0000) | random.pick(SELECTORS))
const segments = [
  { name: "POP ES", opcode: "07", sizes: true, fixed: selector, count: 20 },
  { name: "POP SS", opcode: "17", sizes: true, fixed: selector, count: 20 },
  { name: "POP DS", opcode: "1F", sizes: true, fixed: selector, count: 20 },
  { name: "POP FS", opcode: "0F A1", sizes: true, fixed: selector, count: 20 },
  { name: "POP GS", opcode: "0F A9", sizes: true, fixed: selector, count: 20 },
]

/** Frame pointers that lead to a display of outer frames within the page, or outside it. */
function frame(state, { random, bytes }) {
  state.set("ebp", random.pick([0x20000900, 0x20000a04, 0x20000802, 0x10000000]))
  state.storeBytes(
    0x200008f0,
    Array.from({ length: 16 }, () => random.below(256)),
  )
  if (bytes.at(-4) === 0xc8)
    bytes.splice(
      -3,
      3,
      random.pick([0, 1, 8, 0x20, 0xff]),
      random.pick([0, 0, 1, 2, 8]),
      random.pick([0, 0, 1, 2, 3, 4, 31, 32, 33]),
    )
}
const frames = [
  { name: "ENTER", opcode: "C8", operands: "Iw,Ib", sizes: true, fixed: frame, count: 40 },
  { name: "LEAVE", opcode: "C9", sizes: true, fixed: frame },
]

/** Stacks by 16-bit segments, where SP alone counts and wraps. */
function smallStack(state, { random }) {
  state.set("ss", 0x3f)
  state.set("esp", random.pick([0x800, 0x800, 0x810, 0xabcd0800]))
}

/** PUSH of a segment register writes 16 or 32 bits, by processor: the stack holds zeros, so that one cannot tell. */
const mayShowOldStack = (row) => !/^PUSH [C-GS]S$/.test(row.name)

const small = [...pushes, ...pops, ...frames]
  .filter((row) => !row.opcode.startsWith("8F") && !row.name.startsWith("POPF"))
  .map((row) => ({
    ...row,
    name: `${row.name}, 16-bit stack`,
    count: 6,
    stack: true,
    fixed: (state, context) => {
      row.fixed?.(state, context)
      if (mayShowOldStack(row)) full(state, context)
      smallStack(state, context)
    },
  }))

export const stack = {
  name: "stack",
  says: "PUSH, POP, PUSHA, POPA, PUSHF, POPF, ENTER, LEAVE",
  rows: [...pushes, ...pops, ...segments, ...frames],
}
export const smallStacks = { name: "stack16", says: "the same with a 16-bit stack segment", rows: small }
