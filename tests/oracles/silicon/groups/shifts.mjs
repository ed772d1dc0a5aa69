/* Shifts and rotates with every kind of count: zero, one, the width, beyond it, beyond 31. */

const ROTATES = ["ROL", "ROR", "RCL", "RCR", "SHL", "SHR", undefined, "SAR"]
const COUNTS = [0, 1, 1, 2, 7, 8, 9, 15, 16, 17, 18, 24, 31, 32, 33, 34, 64, 255]

const countInCL = (state, { random }) => state.setOperand(1, 8, random.pick(COUNTS))

/** The immediate count is the last byte, so it is replaced there. */
const countLast = (_state, { bytes, random }) => bytes.splice(-1, 1, random.pick(COUNTS))

const rows = ROTATES.flatMap((name, index) =>
  name === undefined
    ? []
    : [
        { name, opcode: `C0 /${index}`, operands: "Eb,Ib", count: 18, fixed: countLast },
        { name, opcode: `C1 /${index}`, operands: "Ev,Ib", count: 18, fixed: countLast },
        { name, opcode: `D0 /${index}`, operands: "Eb,1" },
        { name, opcode: `D1 /${index}`, operands: "Ev,1" },
        { name, opcode: `D2 /${index}`, operands: "Eb,Cb", uses: "ecx", count: 18, fixed: countInCL },
        { name, opcode: `D3 /${index}`, operands: "Ev,Cb", uses: "ecx", count: 18, fixed: countInCL },
      ],
)

/** A double shift of 16 bits by more than 16 is undefined; such counts are left out. */
const definedCounts = (size) => COUNTS.filter((count) => size === 32 || (count & 31) <= 16)
const doubleCL = (state, { random, size }) => state.setOperand(1, 8, random.pick(definedCounts(size)))
const doubleLast = (_state, { bytes, random, size }) => bytes.splice(-1, 1, random.pick(definedCounts(size)))

const double = [
  { name: "SHLD", opcode: "0F A4", operands: "Ev,Gv,Ib", count: 24, fixed: doubleLast },
  { name: "SHLD", opcode: "0F A5", operands: "Ev,Gv,Cb", uses: "ecx", count: 24, fixed: doubleCL },
  { name: "SHRD", opcode: "0F AC", operands: "Ev,Gv,Ib", count: 24, fixed: doubleLast },
  { name: "SHRD", opcode: "0F AD", operands: "Ev,Gv,Cb", uses: "ecx", count: 24, fixed: doubleCL },
]

export const shifting = { name: "shift", says: "ROL, ROR, RCL, RCR, SHL, SHR, SAR", rows }
export const doubleShifting = { name: "double-shift", says: "SHLD, SHRD", rows: double }
