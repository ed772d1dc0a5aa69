/* Segment registers: loading, far pointers, LAR, LSL, VERR, VERW, ARPL. */
import { littleEndian } from "../state.mjs"

const SELECTORS = [
  0, 1, 3, 4, 7, 0x0f, 0x0c, 0x17, 0x1f, 0x23, 0x20, 0x27, 0x2b, 0x28, 0x2f, 0x37, 0x3f, 0x47, 0x4f, 0x57,
  0x54, 0xfff7,
]
const SEGMENTS = ["ES", undefined, "SS", "DS", "FS", "GS"]

/** Puts a selector where the r/m operand is, under random upper bits. */
function selector(state, { kind, address, bytes, random }) {
  const chosen = random.pick(SELECTORS)
  if (kind === "memory") state.store(address, 16, chosen)
  else state.setOperand(bytes.at(-1) & 7, 16, chosen)
}

const loads = SEGMENTS.flatMap((name, index) =>
  name ? [{ name: `MOV ${name}`, opcode: `8E /${index}`, operands: "Ew", fixed: selector, count: 30 }] : [],
)
function all(state) {
  for (const [name, selector] of [
    ["es", 7],
    ["ds", 0x2b],
    ["fs", 0x27],
    ["gs", 0x0f],
  ])
    state.set(name, selector)
}
const stores = ["ES", "CS", "SS", "DS", "FS", "GS"].flatMap((name, index) => [
  { name: `MOV from ${name}`, opcode: `8C /${index}`, operands: "Rv", fixed: all, count: 5 },
  { name: `MOV from ${name}`, opcode: `8C /${index}`, operands: "Mw", sizes: true, count: 5 },
])

function farPointer(state, { address, random, size }) {
  state.storeBytes(address, [
    ...littleEndian(random.next(), size),
    ...littleEndian(random.pick(SELECTORS), 16),
  ])
}
const pointers = [
  ["LES", "C4"],
  ["LDS", "C5"],
  ["LSS", "0F B2"],
  ["LFS", "0F B4"],
  ["LGS", "0F B5"],
].map(([name, opcode]) => ({
  name,
  opcode,
  operands: "Gv,Mv",
  fixed: farPointer,
  count: 25,
}))

const checks = [
  { name: "VERR", opcode: "0F 00 /4", operands: "Ew", fixed: selector, count: 30 },
  { name: "VERW", opcode: "0F 00 /5", operands: "Ew", fixed: selector, count: 30 },
  { name: "LAR", opcode: "0F 02", operands: "Gv,Ew", fixed: selector, count: 30 },
  { name: "LSL", opcode: "0F 03", operands: "Gv,Ew", fixed: selector, count: 30 },
  { name: "ARPL", opcode: "63", operands: "Ew,Gw", count: 20 },
]

export const segmentLoads = {
  name: "segment-load",
  says: "MOV to and from segment registers, LDS, LES, LSS, LFS, LGS",
  rows: [...loads, ...stores, ...pointers],
}
export const segmentChecks = { name: "segment-check", says: "VERR, VERW, LAR, LSL, ARPL", rows: checks }
