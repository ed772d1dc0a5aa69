/*
 * From a row in the notation of the manual's opcode map (SDM Vol. 2D, Appendix A) to cases.
 *
 *   { name: "ADD", opcode: "80 /0", operands: "Eb,Ib" }
 *
 * Operand letters: E register or memory by ModR/M, R only a register, M only memory, G the reg field, Z a register in
 * the opcode's low three bits, I immediate, J relative target, O memory offset, A accumulator, 1 the constant one, C the
 * register CL. Sizes: b 8, w 16, d 32, q 64 bits, v 16 or 32 by operand size, s an 8-bit immediate that is sign-extended.
 *
 * A row may also say: `uses`, registers that are read or written besides; `fixed`, a function that changes the state of
 * a case; `count`, cases for each form; `prefixes`, variants of prefix bytes; `only`, the one operand size it has.
 */
import { randomSource, seedOf, value } from "../random.mjs"
import { memoryOperand } from "./memory-operand.mjs"
import { hex, littleEndian, REGISTERS, State } from "./state.mjs"

const WIDTHS = { b: 8, w: 16, d: 32, q: 64, s: 8 }

/** All forms of a row: each operand size, each kind of r/m operand. */
export function formsOf(row) {
  const operands = row.operands ? row.operands.split(",") : []
  const sized = !row.only && (row.sizes || operands.some((operand) => operand.endsWith("v")))
  const sizes = sized ? [32, 16] : [row.only ?? 32]
  const kinds = operands.some((operand) => /^E/.test(operand)) ? ["register", "memory"] : [kindOf(operands)]
  return sizes.flatMap((size) => kinds.map((kind) => ({ row, operands, size, kind })))
}

function kindOf(operands) {
  if (operands.some((operand) => /^M/.test(operand))) return "memory"
  return operands.some((operand) => /^R/.test(operand)) ? "register" : "none"
}

/** Cases for a form of a row that does not say how many. */
const USUAL_COUNT = 12

/**
 * The cases of a row as lines "bytes | state". `codeSize` is 32, or 16 to run it in the 16-bit code segment;
 * `most` limits the cases of each form.
 */
export function casesOf(row, codeSize = 32, most = Number.POSITIVE_INFINITY) {
  const count = Math.min(row.count ?? USUAL_COUNT, most)
  return formsOf(row).flatMap((form) => {
    const random = randomSource(
      seedOf(`${row.name} ${row.opcode} ${row.operands} ${form.size} ${form.kind} ${codeSize}`),
    )
    return Array.from({ length: count }, () => caseOf(form, random, codeSize))
  })
}

function caseOf(form, random, codeSize) {
  const state = new State(random)
  if (codeSize === 16) state.set("cs", 0x47)
  state.randomFlags()
  const context = {
    ...form,
    state,
    random,
    codeSize,
    avoid: new Set([...(form.row.uses ?? "").split(" "), ...reserved(form)]),
  }
  const encoded = encode(context)
  for (const name of (form.row.uses ?? "")
    .split(" ")
    .filter((name) => REGISTERS.includes(name) && name !== "esp"))
    if (!state.registers.has(name)) state.set(name, value(random, 32))
  form.row.fixed?.(state, { ...context, ...encoded })
  return `${hex(encoded.bytes, " ")} | ${state}`
}

/** The stack pointer stays what it is in instructions that use the stack. */
function reserved(form) {
  return form.row.stack ? ["esp"] : []
}

function encode(context) {
  const { row, operands, size, kind, codeSize, random } = context
  const prefixes = [...random.pick(row.prefixes ?? [[]])]
  if (
    size !== codeSize &&
    (row.sizes || operands.some((operand) => operand.endsWith("v")) || row.only === 16)
  )
    prefixes.push(0x66)
  const [text, digit] = row.opcode.split(" /")
  const opcode = text.split(" ").map((byte) => Number.parseInt(byte, 16))
  const parts = { reg: digit ? Number(digit) : 0, rm: 0, tail: [] }
  for (const operand of operands.filter((operand) => !/^[EM]/.test(operand)))
    fill(context, parts, operand, opcode)
  const main = operands.find((operand) => /^[ERM]/.test(operand))
  const memory = kind === "memory" ? placeInMemory(context, main) : undefined
  if (memory) prefixes.unshift(...memory.prefix)
  const modrm = memory
    ? [memory.bytes[0] | (parts.reg << 3), ...memory.bytes.slice(1)]
    : modRM(context, parts, main, digit)
  return { bytes: [...prefixes, ...opcode, ...modrm, ...parts.tail], address: memory?.address }
}

function widthOf(operand, size) {
  return operand.endsWith("v") ? size : WIDTHS[operand.at(-1)]
}

/** Encodes one operand other than memory, and gives it a value. */
function fill({ size, state, random, row, codeSize }, parts, operand, opcode) {
  const width = widthOf(operand, size)
  const choice = () =>
    random.pick(row.stack || row.uses?.includes("esp") ? [0, 1, 2, 3, 5, 6, 7] : [0, 1, 2, 3, 4, 5, 6, 7])
  const give = (index) => state.setOperand(index, width, value(random, width))
  const encoders = {
    G: () => give((parts.reg = choice())),
    Z: () => give(withIndex(opcode, choice())),
    A: () => give(0),
    C: () => state.setOperand(1, 8, value(random, 8)),
    I: () => parts.tail.push(...littleEndian(value(random, width), width)),
    J: () => parts.tail.push(...littleEndian(jump(random), width)),
    O: () => parts.tail.push(...offset(state, random, width, codeSize)),
    R: () => give((parts.rm = choice())),
    1: () => {},
  }
  encoders[operand[0]]()
}

function withIndex(opcode, index) {
  opcode[opcode.length - 1] |= index
  return index
}

/** A displacement that stays in the code page and never leads back to the instruction itself. */
function jump(random) {
  return random.pick([0, 1, 5, 0x10, 0x7f, -0x80, -0x40, -0x20])
}

function offset(state, random, width, codeSize) {
  const address = state.random.below(0xff0)
  state.store(0x20000000 + address, width, value(random, width))
  if (codeSize === 32) return littleEndian(0x20000000 + address, 32)
  state.set("ds", 7)
  return littleEndian(address, 16)
}

function modRM({ size, state, random, row }, parts, main, digit) {
  if (!main) return digit === undefined ? [] : [0xc0 | (parts.reg << 3)]
  if (main[0] === "E") {
    parts.rm = random.pick(row.stack ? [0, 1, 2, 3, 5, 6, 7] : [0, 1, 2, 3, 4, 5, 6, 7])
    const width = widthOf(main, size)
    state.setOperand(parts.rm, width, value(random, width))
  }
  return [0xc0 | (parts.reg << 3) | parts.rm]
}

function placeInMemory({ row, size, state, random, codeSize, avoid }, main) {
  const addressSize = random.once(4) ? 16 : 32
  const memory = memoryOperand(state, avoid, codeSize === 16 ? 16 : addressSize, row.near?.(random))
  if (codeSize === 16) memory.prefix = memory.prefix.filter((byte) => byte !== 0x67)
  const width = widthOf(main, size) ?? size
  if (!row.blank)
    for (let at = 0; at < width; at += 32)
      state.store(memory.address + at / 8, Math.min(width, 32), value(random, Math.min(width, 32)))
  return memory
}
