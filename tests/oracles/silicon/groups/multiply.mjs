/* Multiplication, division, sign extension of the accumulator. */

/** Leaves the dividend's high half small in half of the cases, so that many quotients fit. */
function smallDividend(state, { random, row, size }) {
  if (!random.below(3)) return
  const signed = row.name === "IDIV" && random.below(2)
  if (row.operands === "Eb")
    return state.setOperand(0, 16, signed ? -random.below(0x400) : random.below(0x400))
  state.setOperand(2, size, signed ? -1 : random.below(3))
}

const widening = ["MUL", "IMUL"].flatMap((name, index) => [
  { name, opcode: `F6 /${4 + index}`, operands: "Eb", uses: "eax", count: 20 },
  { name, opcode: `F7 /${4 + index}`, operands: "Ev", uses: "eax edx", count: 20 },
])

const division = ["DIV", "IDIV"].flatMap((name, index) => [
  { name, opcode: `F6 /${6 + index}`, operands: "Eb", uses: "eax", count: 40, fixed: smallDividend },
  { name, opcode: `F7 /${6 + index}`, operands: "Ev", uses: "eax edx", count: 40, fixed: smallDividend },
])

const truncating = [
  { name: "IMUL", opcode: "0F AF", operands: "Gv,Ev", count: 20 },
  { name: "IMUL", opcode: "69", operands: "Gv,Ev,Iv", count: 20 },
  { name: "IMUL", opcode: "6B", operands: "Gv,Ev,Is", count: 20 },
]

const extension = [
  { name: "CBW/CWDE", opcode: "98", sizes: true, uses: "eax" },
  { name: "CWD/CDQ", opcode: "99", sizes: true, uses: "eax edx" },
]

export const multiplying = {
  name: "multiply",
  says: "MUL, IMUL, DIV, IDIV with #DE, CBW, CWDE, CWD, CDQ",
  rows: [...widening, ...truncating, ...division, ...extension],
}
