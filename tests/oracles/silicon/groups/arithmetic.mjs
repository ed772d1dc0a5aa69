/* Addition, subtraction, logic, comparison, decimal adjustment, exchange with addition. */
import { operandValue } from "../state.mjs"

const ALU = ["ADD", "OR", "ADC", "SBB", "AND", "SUB", "XOR", "CMP"]
const byte = (number) => number.toString(16).padStart(2, "0")

const alu = ALU.flatMap((name, index) => [
  { name, opcode: byte(index * 8), operands: "Eb,Gb" },
  { name, opcode: byte(index * 8 + 1), operands: "Ev,Gv" },
  { name, opcode: byte(index * 8 + 2), operands: "Gb,Eb" },
  { name, opcode: byte(index * 8 + 3), operands: "Gv,Ev" },
  { name, opcode: byte(index * 8 + 4), operands: "Ab,Ib" },
  { name, opcode: byte(index * 8 + 5), operands: "Av,Iv" },
  { name, opcode: `80 /${index}`, operands: "Eb,Ib" },
  { name, opcode: `81 /${index}`, operands: "Ev,Iv" },
  { name, opcode: `83 /${index}`, operands: "Ev,Is" },
])

/** LOCK is legal on these when they write memory. */
const LOCK = [[0xf0]]
const locked = [
  { name: "LOCK ADD", opcode: "01", operands: "Mv,Gv", prefixes: LOCK },
  { name: "LOCK OR", opcode: "80 /1", operands: "Mb,Ib", prefixes: LOCK },
  { name: "LOCK ADC", opcode: "83 /2", operands: "Mv,Is", prefixes: LOCK },
  { name: "LOCK INC", opcode: "FF /0", operands: "Mv", prefixes: LOCK },
  { name: "LOCK DEC", opcode: "FE /1", operands: "Mb", prefixes: LOCK },
  { name: "LOCK NOT", opcode: "F7 /2", operands: "Mv", prefixes: LOCK },
  { name: "LOCK NEG", opcode: "F6 /3", operands: "Mb", prefixes: LOCK },
  { name: "LOCK XCHG", opcode: "87", operands: "Mv,Gv", prefixes: LOCK },
  { name: "LOCK XADD", opcode: "0F C1", operands: "Mv,Gv", prefixes: LOCK },
  { name: "LOCK CMPXCHG", opcode: "0F B1", operands: "Mv,Gv", uses: "eax", prefixes: LOCK },
  { name: "LOCK CMPXCHG8B", opcode: "0F C7 /1", operands: "Mq", uses: "eax ebx ecx edx", prefixes: LOCK },
]

const one = [
  { name: "INC", opcode: "40", operands: "Zv" },
  { name: "DEC", opcode: "48", operands: "Zv" },
  { name: "INC", opcode: "FE /0", operands: "Eb" },
  { name: "INC", opcode: "FF /0", operands: "Ev" },
  { name: "DEC", opcode: "FE /1", operands: "Eb" },
  { name: "DEC", opcode: "FF /1", operands: "Ev" },
  { name: "NOT", opcode: "F6 /2", operands: "Eb" },
  { name: "NOT", opcode: "F7 /2", operands: "Ev" },
  { name: "NEG", opcode: "F6 /3", operands: "Eb" },
  { name: "NEG", opcode: "F7 /3", operands: "Ev" },
]

const test = [
  { name: "TEST", opcode: "84", operands: "Eb,Gb" },
  { name: "TEST", opcode: "85", operands: "Ev,Gv" },
  { name: "TEST", opcode: "A8", operands: "Ab,Ib" },
  { name: "TEST", opcode: "A9", operands: "Av,Iv" },
  { name: "TEST", opcode: "F6 /0", operands: "Eb,Ib" },
  { name: "TEST", opcode: "F7 /0", operands: "Ev,Iv" },
]

/** Half of the comparisons succeed: the accumulator is made equal to what is in the destination. */
function sometimesEqual(state, { kind, size, address, random, row }) {
  if (random.below(2)) return
  const bits = row.operands.includes("b") ? 8 : size
  const number = operandValue(state, bits)
  state.setOperand(0, bits, number)
  if (kind === "memory") state.store(address, bits, number)
}

function sometimesEqual64(state, { address, random }) {
  if (random.below(2)) return
  state.store(address, 32, state.registers.get("eax"))
  state.store(address + 4, 32, state.registers.get("edx"))
}

const exchange = [
  { name: "XADD", opcode: "0F C0", operands: "Eb,Gb" },
  { name: "XADD", opcode: "0F C1", operands: "Ev,Gv" },
  { name: "CMPXCHG", opcode: "0F B0", operands: "Eb,Gb", uses: "eax", fixed: sometimesEqual },
  { name: "CMPXCHG", opcode: "0F B1", operands: "Ev,Gv", uses: "eax", fixed: sometimesEqual },
  {
    name: "CMPXCHG8B",
    opcode: "0F C7 /1",
    operands: "Mq",
    uses: "eax ebx ecx edx",
    fixed: sometimesEqual64,
    count: 20,
  },
]

const anyNibbles = (state) => state.setOperand(0, 16, state.random.next())
const decimal = [
  { name: "DAA", opcode: "27", uses: "eax", count: 120, fixed: anyNibbles },
  { name: "DAS", opcode: "2F", uses: "eax", count: 120, fixed: anyNibbles },
  { name: "AAA", opcode: "37", uses: "eax", count: 60, fixed: anyNibbles },
  { name: "AAS", opcode: "3F", uses: "eax", count: 60, fixed: anyNibbles },
  { name: "AAM", opcode: "D4", operands: "Ib", uses: "eax", count: 40 },
  { name: "AAM", opcode: "D4 0A", uses: "eax", count: 20, fixed: anyNibbles },
  { name: "AAD", opcode: "D5", operands: "Ib", uses: "eax", count: 40 },
  { name: "AAD", opcode: "D5 0A", uses: "eax", count: 20, fixed: anyNibbles },
]

export const arithmetic = {
  name: "arithmetic",
  says: "ADD to CMP, INC, DEC, NOT, NEG, TEST",
  rows: [...alu, ...one, ...test],
}
export const exchanging = {
  name: "exchange",
  says: "XADD, CMPXCHG, CMPXCHG8B, and what LOCK is legal on",
  rows: [...exchange, ...locked],
}
export const bcd = { name: "decimal", says: "DAA, DAS, AAA, AAS, AAM, AAD", rows: decimal }
