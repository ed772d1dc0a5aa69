/* The same instructions in a 16-bit code segment, where 66 and 67 mean 32 bits. */
import { arithmetic } from "./arithmetic.mjs"
import { data } from "./data.mjs"
import { multiplying } from "./multiply.mjs"
import { shifting } from "./shifts.mjs"
import { stack } from "./stack.mjs"

/** One row in a few: what is tested here is the meaning of sizes. */
const sample = (rows, every) => rows.filter((row, index) => index % every === 0 && !row.fixed)

const branches = [
  { name: "JMP", opcode: "EB", operands: "Js", count: 6 },
  { name: "JMP", opcode: "E9", operands: "Jw", count: 6 },
  { name: "CALL", opcode: "E8", operands: "Jw", count: 6 },
  { name: "JZ", opcode: "74", operands: "Js", count: 6 },
  { name: "JNZ", opcode: "0F 85", operands: "Jw", count: 6 },
  { name: "LOOP", opcode: "E2", operands: "Js", uses: "ecx", count: 6 },
  { name: "RET", opcode: "C3", count: 6, fixed: (state) => state.store(0x20000800, 32, 0x12340900) },
]

export const code16 = {
  name: "code16",
  says: "instructions in a 16-bit code segment",
  codeSize: 16,
  count: 6,
  rows: [
    ...sample(arithmetic.rows, 4),
    ...sample(data.rows, 1),
    ...sample(multiplying.rows, 1),
    ...sample(shifting.rows, 3),
    ...sample(stack.rows, 1),
    ...branches,
  ],
}
