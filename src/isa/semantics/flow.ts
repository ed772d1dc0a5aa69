/**
 * Control transfers: jumps, calls, returns, loops, interrupts.
 * @see SDM Vol. 1 §7.3.8 "Control Transfer Instructions"
 */
import { signed, unsigned } from "../../numbers/int"
import { type Instruction, type Operand, secondPart } from "../operand"
import { branch, needing, type Perform, type Processor, perform, transfer, virtualIopl } from "../processor"
import { ECX } from "../registers"

/** The sixteen conditions, in the order of their codes. */
export const TESTS: readonly ((p: Processor) => boolean)[] = [
  (p) => p.flags.overflow(),
  (p) => !p.flags.overflow(),
  (p) => p.flags.carry(),
  (p) => !p.flags.carry(),
  (p) => p.flags.zero(),
  (p) => !p.flags.zero(),
  (p) => p.flags.carry() || p.flags.zero(),
  (p) => !p.flags.carry() && !p.flags.zero(),
  (p) => p.flags.sign(),
  (p) => !p.flags.sign(),
  (p) => p.flags.parity(),
  (p) => !p.flags.parity(),
  (p) => p.flags.sign() !== p.flags.overflow(),
  (p) => p.flags.sign() === p.flags.overflow(),
  (p) => p.flags.zero() || p.flags.sign() !== p.flags.overflow(),
  (p) => !p.flags.zero() && p.flags.sign() === p.flags.overflow(),
]

/** Condition names by code; the first is the one we print. @see SDM Vol. 1 Appendix B "EFLAGS Condition Codes" */
export const CONDITIONS: readonly (readonly string[])[] = [
  ["O"],
  ["NO"],
  ["B", "C", "NAE"],
  ["AE", "NB", "NC"],
  ["E", "Z"],
  ["NE", "NZ"],
  ["BE", "NA"],
  ["A", "NBE"],
  ["S"],
  ["NS"],
  ["P", "PE"],
  ["NP", "PO"],
  ["L", "NGE"],
  ["GE", "NL"],
  ["LE", "NG"],
  ["G", "NLE"],
]

export const jcc = (code: number) => branch(TESTS[code], code)
export const setcc = (code: number): Perform => {
  const holds = TESTS[code]
  return { ...perform((p, i) => p.set(i.operands[0], holds(p) ? 1 : 0)), condition: code }
}
/** CMOVcc reads its source even when the condition is false: a bad address faults either way. */
export const cmovcc = (code: number): Perform => {
  const holds = TESTS[code]
  const f: Perform["f"] = (p, i) => {
    const value = p.get(i.operands[1])
    if (holds(p)) p.set(i.operands[0], value)
  }
  return { ...perform(f), condition: code }
}

export const jmp = branch(() => true)
export const jmpIndirect = transfer((p, i) => p.jump(p.get(i.operands[0]), i.operandSize))

/** The target is checked before the return address is pushed, and the push may fault: nothing has changed then. */
function callTo(p: Processor, target: number, size: 16 | 32): void {
  const back = p.eip
  p.jump(target, size)
  try {
    p.push(back, size)
  } catch (fault) {
    p.eip = back
    throw fault
  }
}

export const call = transfer((p, i) => callTo(p, p.eip + i.operands[0].value, i.operandSize))
export const callIndirect = transfer((p, i) => callTo(p, p.get(i.operands[0]), i.operandSize))

export const ret = transfer((p, i) => {
  p.jump(p.peek(i.operandSize), i.operandSize)
  p.addToStackPointer(i.operandSize / 8 + (i.operands.length > 0 ? i.operands[0].value & 0xffff : 0))
})

/** A far pointer in the instruction, or in memory: offset first, selector above it. */
function farTarget(p: Processor, i: Instruction): [selector: number, offset: number] {
  const target: Operand = i.operands[0]
  if (target.kind === "far") return [target.selector, unsigned(target.value, i.operandSize)]
  const at = p.offset(target)
  const offset = p.load(target.segment, at, i.operandSize)
  const selector = p.load(target.segment, secondPart(target, at, i.operandSize / 8), 16) & 0xffff
  return [selector, unsigned(offset, i.operandSize)]
}

export const jmpFar = transfer((p, i) => p.farJump(...farTarget(p, i), i.operandSize))
export const callFar = transfer((p, i) => p.farCall(...farTarget(p, i), i.operandSize))
export const retFar = transfer((p, i) =>
  p.farReturn(i.operandSize, i.operands.length > 0 ? i.operands[0].value & 0xffff : 0),
)

/** (E)CX, as the address size says. */
function counter(p: Processor, i: Instruction): number {
  return unsigned(p.reg[ECX], i.addressSize)
}

function setCounter(p: Processor, i: Instruction, value: number): void {
  p.reg[ECX] = i.addressSize === 32 ? value : (p.reg[ECX] & ~0xffff) | (value & 0xffff)
}

/** LOOP, LOOPE, LOOPNE: count down, and jump while not 0 and ZF as wished. */
const looping = (wished: (p: Processor) => boolean) =>
  transfer((p, i) => {
    const left = unsigned(counter(p, i) - 1, i.addressSize)
    if (left !== 0 && wished(p)) p.jump(p.eip + i.operands[0].value, i.operandSize)
    setCounter(p, i, left)
  })

export const loop = looping(() => true)
export const loope = looping((p) => p.flags.zero())
export const loopne = looping((p) => !p.flags.zero())
export const jcxz = transfer((p, i) => {
  if (counter(p, i) === 0) p.jump(p.eip + i.operands[0].value, i.operandSize)
})

export const int = needing(virtualIopl("INT n")).transfer((p, i) => {
  p.softwareInterrupt(i.operands[0].value & 0xff, "INT n")
})
export const int3 = transfer((p) => p.softwareInterrupt(3, "INT3"))
/** INT1, also called ICEBP: a #DB trap; no gate DPL is checked. */
export const int1 = transfer((p) => p.softwareInterrupt(1, "INT1"))
export const into = transfer((p) => {
  if (p.flags.overflow()) p.softwareInterrupt(4, "INTO")
})
export const iret = transfer((p, i) => p.interruptReturn(i.operandSize))

/** BOUND: #BR unless lower ≤ index ≤ upper, all signed. */
export const bound = perform((p, i) => {
  const [index, memory] = i.operands
  const { size } = index
  const at = p.offset(memory)
  const lower = signed(p.load(memory.segment, at, size), size)
  const upper = signed(p.load(memory.segment, secondPart(memory, at, size / 8), size), size)
  const value = signed(p.get(index), size)
  if (value < lower || value > upper)
    p.raise(
      "#BR",
      null,
      `BOUND wants ${lower} ≤ index ≤ ${upper}, but the index is ${value}`,
      'SDM Vol. 2A, "BOUND—Check Array Index Against Bounds"',
    )
})

export const nop = perform(() => {})
/** UD2 and the like. */
export const undefinedInstruction = needing((p) =>
  p.refusal(
    "#UD",
    null,
    "this instruction is defined to be invalid",
    'SDM Vol. 2B, "UD2—Undefined Instruction"',
  ),
).transfer(() => {})
