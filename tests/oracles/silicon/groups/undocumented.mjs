/* Encodings that the manual's tables leave out or call reserved, and that all processors of the line have alike. */

const FEW = 10
const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7]

/** 82 is 80 once more. */
const arithmetic = DIGITS.map((digit) => ({
  name: "82",
  opcode: `82 /${digit}`,
  operands: "Eb,Ib",
  count: FEW,
}))

const tests = [
  { name: "TEST", opcode: "F6 /1", operands: "Eb,Ib", count: FEW },
  { name: "TEST", opcode: "F7 /1", operands: "Ev,Iv", count: FEW },
]

const shifts = [
  { name: "SAL", opcode: "C0 /6", operands: "Eb,Ib", count: FEW },
  { name: "SAL", opcode: "C1 /6", operands: "Ev,Ib", count: FEW },
  { name: "SAL", opcode: "D0 /6", operands: "Eb,1", count: FEW },
  { name: "SAL", opcode: "D1 /6", operands: "Ev,1", count: FEW },
  { name: "SAL", opcode: "D2 /6", operands: "Eb,Cb", uses: "ecx", count: FEW },
  { name: "SAL", opcode: "D3 /6", operands: "Ev,Cb", uses: "ecx", count: FEW },
]

/** Opcodes kept for hints: they read nothing, so that even a bad address does no harm. */
const hints = ["18", "19", "1A", "1B", "1C", "1D", "1E", "1F"].flatMap((opcode) =>
  (opcode === "1F" ? DIGITS : [undefined]).map((digit) => ({
    name: "NOP",
    opcode: digit === undefined ? `0F ${opcode}` : `0F ${opcode} /${digit}`,
    operands: digit === undefined ? "Ev,Gv" : "Ev",
    count: FEW,
    blank: true,
  })),
)

const single = [
  { name: "SALC", opcode: "D6", uses: "eax", count: 2 * FEW },
  { name: "INT1", opcode: "F1", count: 4 * FEW },
  { name: "UD2", opcode: "0F 0B", count: 4 * FEW },
]

export const undocumented = {
  name: "undocumented",
  says: "aliases of group members, SALC, INT1, UD2, opcodes kept for hints",
  rows: [...arithmetic, ...tests, ...shifts, ...hints, ...single],
}
