/* Moves: MOV in all its shapes, extension, exchange, LEA, XLAT, conditional moves. */

const moves = [
  { name: "MOV", opcode: "88", operands: "Eb,Gb" },
  { name: "MOV", opcode: "89", operands: "Ev,Gv" },
  { name: "MOV", opcode: "8A", operands: "Gb,Eb" },
  { name: "MOV", opcode: "8B", operands: "Gv,Ev" },
  { name: "MOV", opcode: "A0", operands: "Ab,Ob" },
  { name: "MOV", opcode: "A1", operands: "Av,Ov" },
  { name: "MOV", opcode: "A2", operands: "Ob,Ab" },
  { name: "MOV", opcode: "A3", operands: "Ov,Av" },
  { name: "MOV", opcode: "B0", operands: "Zb,Ib" },
  { name: "MOV", opcode: "B8", operands: "Zv,Iv" },
  { name: "MOV", opcode: "C6 /0", operands: "Eb,Ib" },
  { name: "MOV", opcode: "C7 /0", operands: "Ev,Iv" },
]

const extensions = [
  { name: "MOVZX", opcode: "0F B6", operands: "Gv,Eb" },
  { name: "MOVZX", opcode: "0F B7", operands: "Gv,Ew" },
  { name: "MOVSX", opcode: "0F BE", operands: "Gv,Eb" },
  { name: "MOVSX", opcode: "0F BF", operands: "Gv,Ew" },
]

const others = [
  { name: "XCHG", opcode: "86", operands: "Eb,Gb" },
  { name: "XCHG", opcode: "87", operands: "Ev,Gv" },
  { name: "XCHG", opcode: "90", operands: "Zv,Av" },
  { name: "NOP", opcode: "90", count: 30 },
  { name: "FWAIT", opcode: "9B", count: 30 },
  { name: "NOP", opcode: "0F 1F /0", operands: "Ev" },
  { name: "LEA", opcode: "8D", operands: "Gv,Mv", count: 60, blank: true },
  { name: "BSWAP", opcode: "0F C8", operands: "Zv", only: 32, count: 20 },
]

/** The table begins in the scratch page; AL may lead outside the initialized part, where zeros are. */
function table(state, { random }) {
  state.set("ebx", 0x20000400)
  state.storeBytes(0x20000400, [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88])
  state.setOperand(0, 8, random.pick([0, 1, 2, 3, 4, 5, 6, 7, 0x80, 0xff]))
}
const xlat = [{ name: "XLAT", opcode: "D7", uses: "eax ebx", fixed: table, prefixes: [[], [0x2e], [0x36]] }]

const conditional = Array.from({ length: 16 }, (_, index) => ({
  name: `CMOVcc ${index}`,
  opcode: `0F 4${index.toString(16)}`,
  operands: "Gv,Ev",
  count: 10,
}))

export const data = {
  name: "move",
  says: "MOV, MOVZX, MOVSX, XCHG, NOP, LEA, BSWAP, XLAT",
  rows: [...moves, ...extensions, ...others, ...xlat],
}
export const conditionalMoves = { name: "conditional-move", says: "CMOVcc", rows: conditional }
