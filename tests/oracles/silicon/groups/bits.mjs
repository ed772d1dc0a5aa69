/* Single bits: test, set, reset, complement; scans; flags one by one. */

/** A bit offset that reaches from one end of the scratch page to the other, through a word near its middle. */
function farBit(state, { kind, size, bytes, random }) {
  if (kind !== "memory") return
  const modrm = bytes.indexOf(0x0f) + 2
  state.setOperand(
    (bytes[modrm] >> 3) & 7,
    size,
    random.pick([-0x2000, -33, -1, 0, 1, 31, 32, 33, 0x2000, random.below(0x3000)]),
  )
}

const TESTS = ["BT", "BTS", "BTR", "BTC"]
const nearMiddle = (random) => 0x700 + random.below(0x100)
const tests = TESTS.flatMap((name, index) => [
  {
    name,
    opcode: `0F ${(0xa3 + index * 8).toString(16)}`,
    operands: "Ev,Gv",
    count: 18,
    fixed: farBit,
    near: nearMiddle,
  },
  { name, opcode: `0F BA /${4 + index}`, operands: "Ev,Ib", count: 18 },
])
const locked = [
  { name: "LOCK BTS", opcode: "0F BA /5", operands: "Mv,Ib", prefixes: [[0xf0]] },
  { name: "LOCK BTR", opcode: "0F BA /6", operands: "Mv,Ib", prefixes: [[0xf0]] },
  { name: "LOCK BTC", opcode: "0F BA /7", operands: "Mv,Ib", prefixes: [[0xf0]] },
]

const scans = [
  { name: "BSF", opcode: "0F BC", operands: "Gv,Ev", count: 18 },
  { name: "BSR", opcode: "0F BD", operands: "Gv,Ev", count: 18 },
]

const flags = [
  { name: "CMC", opcode: "F5", count: 40 },
  { name: "CLC", opcode: "F8", count: 40 },
  { name: "STC", opcode: "F9", count: 40 },
  { name: "CLD", opcode: "FC", count: 40, fixed: (state) => state.flags.add("df") },
  { name: "STD", opcode: "FD", count: 40 },
  { name: "SAHF", opcode: "9E", uses: "eax" },
  { name: "LAHF", opcode: "9F", uses: "eax" },
]

const sets = Array.from({ length: 16 }, (_, index) => ({
  name: `SETcc ${index}`,
  opcode: `0F 9${index.toString(16)}`,
  operands: "Eb",
}))

export const bits = {
  name: "bits",
  says: "BT, BTS, BTR, BTC, BSF, BSR",
  rows: [...tests, ...locked, ...scans],
}
export const flagBits = {
  name: "flags",
  says: "CMC, CLC, STC, CLD, STD, SAHF, LAHF, SETcc",
  rows: [...flags, ...sets],
}
