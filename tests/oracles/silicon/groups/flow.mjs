/* Jumps, calls, returns, loops, software interrupts. */
import { littleEndian, REGISTERS } from "../state.mjs"

const LANDING = 0x30000900
const hexDigit = (index) => index.toString(16)

const conditional = Array.from({ length: 16 }, (_, index) => [
  { name: `Jcc ${index}`, opcode: `7${hexDigit(index)}`, operands: "Js", count: 30 },
  { name: `Jcc ${index}`, opcode: `0F 8${hexDigit(index)}`, operands: "Jv", count: 30 },
]).flat()

/** With a 16-bit operand, the target's upper half is cleared: it lies in a page that is not there. */
const near = [
  { name: "JMP", opcode: "EB", operands: "Js" },
  { name: "JMP", opcode: "E9", operands: "Jv" },
  { name: "JMP", opcode: "FF /4", operands: "Ev", fixed: target, stack: true },
  { name: "CALL", opcode: "E8", operands: "Jv" },
  { name: "CALL", opcode: "FF /2", operands: "Ev", fixed: target, stack: true },
  { name: "RET", opcode: "C3", sizes: true, fixed: returnAddress },
  { name: "RET", opcode: "C2", operands: "Iw", sizes: true, fixed: returnAddress },
]

function target(state, { kind, address, bytes, size }) {
  if (kind === "memory") state.store(address, size, LANDING)
  else state.set(REGISTERS[bytes.at(-1) & 7], LANDING)
}

function returnAddress(state, { random }) {
  state.store(0x20000800, 32, LANDING + random.below(0x80))
}

const counter = (state, { random }) =>
  state.set("ecx", random.pick([0, 1, 2, 0x10000, 0x10001, 0xffffffff, 0x80000000]))
const loops = [
  { name: "LOOPNE", opcode: "E0", operands: "Js", uses: "ecx", fixed: counter },
  { name: "LOOPE", opcode: "E1", operands: "Js", uses: "ecx", fixed: counter },
  { name: "LOOP", opcode: "E2", operands: "Js", uses: "ecx", fixed: counter },
  { name: "JECXZ", opcode: "E3", operands: "Js", uses: "ecx", fixed: counter },
].flatMap((row) => [
  { ...row, sizes: true },
  { ...row, name: `${row.name} by CX`, prefixes: [[0x67]] },
])

/**
 * Code selectors to jump to: good, conforming but absent, data, empty, outside the table, with RPL 0. Not 47 with 32 bits:
 * a CALL beyond its limit faults, but leaves bytes below the stack pointer, of which the manual says nothing.
 */
const CODE_SELECTORS = [0x23, 0x23, 0x27, 0x27, 0x2f, 0x1f, 0x2b, 0x07, 0x37, 0, 3, 0x57, 0xfff7, 0x24, 0x20]

/** A far pointer. With 16 bits of offset, the code page is reached through its 16-bit segment, whose base it is. */
function farPointer(random, size) {
  const selector = random.pick(size === 32 ? CODE_SELECTORS : [...CODE_SELECTORS, 0x47, 0x47, 0x47, 0x47])
  return [...littleEndian(LANDING + random.below(0x80), size), ...littleEndian(selector, 16)]
}

function farImmediate(_state, { bytes, random, size }) {
  const pointer = farPointer(random, size)
  bytes.splice(-pointer.length, pointer.length, ...pointer)
}

function farInMemory(state, { address, random, size }) {
  state.storeBytes(address, farPointer(random, size))
}

/** Return address and selector, as a CALL of this operand size would have pushed them. */
function farReturn(state, { random, size }) {
  const bytes = farPointer(random, size)
  state.storeBytes(0x20000800, size === 32 ? [...bytes, random.below(256), random.below(256)] : bytes)
}

/** Flags without TF: a single step is another group's subject. */
function interruptReturn(state, context) {
  farReturn(state, context)
  state.store(0x20000800 + context.size / 4, context.size, context.random.next() & ~0x20100)
}

const far = [
  { name: "JMP far", opcode: "EA", operands: "Iv,Iw", fixed: farImmediate, count: 30 },
  { name: "CALL far", opcode: "9A", operands: "Iv,Iw", fixed: farImmediate, count: 30 },
  { name: "JMP far", opcode: "FF /5", operands: "Mv", fixed: farInMemory, count: 30 },
  { name: "CALL far", opcode: "FF /3", operands: "Mv", fixed: farInMemory, stack: true, count: 30 },
  { name: "RETF", opcode: "CB", sizes: true, fixed: farReturn, count: 30 },
  { name: "RETF", opcode: "CA", operands: "Iw", sizes: true, fixed: farReturn, count: 30 },
  { name: "IRET", opcode: "CF", sizes: true, fixed: interruptReturn, count: 40 },
]

/** Bounds around the index, so that it lies inside, on the edge and outside. */
function bounds(state, { address, bytes, random, size }) {
  const register = (bytes[bytes.indexOf(0x62) + 1] >> 3) & 7
  state.setOperand(register, size, random.pick([0, 1, 9, 10, 11, -1, -10, -11]))
  state.store(address, size, random.pick([0, -10, 1]))
  state.store(address + size / 8, size, random.pick([10, -1, 0x7fff]))
}

const traps = [
  { name: "BOUND", opcode: "62", operands: "Gv,Mv", fixed: bounds, count: 30 },
  { name: "INTO", opcode: "CE", count: 40 },
  { name: "INT3", opcode: "CC" },
  { name: "INT 3", opcode: "CD 03" },
  { name: "INT 4", opcode: "CD 04" },
  ...[0, 1, 2, 5, 6, 8, 13, 14, 32, 33, 127, 129, 255].map((number) => ({
    name: `INT ${number}`,
    opcode: `CD ${number.toString(16).padStart(2, "0")}`,
    count: 1,
  })),
]

export const branches = {
  name: "branch",
  says: "Jcc, JMP, CALL, RET, LOOP, JECXZ",
  rows: [...conditional, ...near, ...loops],
}
export const farBranches = { name: "far", says: "far JMP, CALL, RET and IRET within ring 3", rows: far }
export const software = { name: "interrupt", says: "BOUND, INTO, INT3, INT n from ring 3", rows: traps }
