/**
 * Moving data: registers, memory, stack, exchange, conversion.
 * @see SDM Vol. 1 §7.3.1 "Data Transfer Instructions"
 */
import { signed, unsigned } from "../../numbers/int"
import { CF, STATUS, VM, ZF } from "../eflags"
import { type Instruction, secondPart, wrapped } from "../operand"
import { ADDITION, assign, modify, type Processor, perform, SUBTRACTION, transfer } from "../processor"
import { DS, EAX, EBP, EBX, ECX, EDI, EDX, ESI, ESP, NAMES32, SS } from "../registers"

/** The value as it is: MOV and MOVZX. */
export const mov = assign((_p, value) => value)
export const movsx = assign((_p, value, _size, sourceSize) => signed(value, sourceSize))

/** LEA: the offset itself. A register operand does not exist in the table. */
export const lea = perform((p, i) => p.set(i.operands[0], p.offset(i.operands[1])))

/** MOV Sreg, r/m16. Loading SS holds interrupts off for one more instruction; CS cannot be loaded this way. */
export const movToSegment = transfer((p, i) => {
  const [destination, source] = i.operands
  p.loadSegment(destination.register, p.get(source))
  if (destination.register === SS) p.holdInterrupts("MOV SS")
})
export const movFromSegment = perform((p, i) => p.set(i.operands[0], p.selector(i.operands[1].register)))

export const xchg = perform((p, i) => {
  const [a, b] = i.operands
  const [first, second] = a.kind === "memory" ? [a, b] : [b, a]
  const old = p.getForWrite(first)
  p.set(first, p.get(second))
  p.set(second, old)
})

export const push = perform((p, i) => {
  const source = i.operands[0]
  p.push(source.kind === "segment" ? p.selector(source.register) : p.get(source), i.operandSize)
})

/** POP: the new stack pointer counts in the address of a memory destination, and is undone if that faults. */
export const pop = perform((p, i) => {
  const value = p.peek(i.operandSize)
  const old = p.reg[ESP]
  p.addToStackPointer(i.operandSize / 8)
  try {
    p.set(i.operands[0], value)
  } catch (fault) {
    p.reg[ESP] = old
    throw fault
  }
})

/** POP to a segment register takes a selector from a slot of operand size. */
export const popSegment = transfer((p, i) => {
  const { register } = i.operands[0]
  const selector = p.peek(i.operandSize) & 0xffff
  const next = p.reg[ESP] + i.operandSize / 8
  const mask = p.stackMask
  p.loadSegment(register, selector)
  // The slot was on the old stack: its width counts.
  p.reg[ESP] = (p.reg[ESP] & ~mask) | (next & mask)
  if (register === SS) p.holdInterrupts("MOV SS")
})

/**
 * In real-address and virtual-8086 mode PUSHA refuses an odd stack pointer that near the bottom of the stack. From 1, 3
 * and 5 it meets #SS like any push. @see SDM Vol. 2B "PUSHA/PUSHAD—Push All General-Purpose Registers"
 */
function refuseOddBottom(p: Processor): void {
  const at = p.stackPointer
  if (!(at & 1) || at < 7 || at > 15) return
  if (!(p.readControl(0) & PROTECTED_MODE) || p.flags.has(VM))
    p.raise(
      "#GP",
      0,
      `PUSHA with SP = ${at}`,
      'SDM Vol. 2B "PUSHA/PUSHAD—Push All General-Purpose Registers"',
    )
}
const PROTECTED_MODE = 1

/** PUSHA: all eight, ESP as it was before. Nothing is pushed if any of it would fault. */
export const pusha = perform((p, i) => {
  refuseOddBottom(p)
  const start = p.reg[ESP]
  try {
    for (let n = 0; n < 8; n++) p.push(n === ESP ? start : p.reg[n], i.operandSize)
  } catch (fault) {
    p.reg[ESP] = start
    throw fault
  }
})

/** POPA: all eight but ESP, whose slot is skipped. */
export const popa = perform((p, i) => {
  const bytes = i.operandSize / 8
  const values = NAMES32.map((_, slot) => p.peek(i.operandSize, slot * bytes))
  for (const n of [EDI, ESI, EBP, EBX, EDX, ECX, EAX]) setSized(p, n, values[7 - n], i.operandSize)
  p.addToStackPointer(8 * bytes)
})

function setSized(p: Processor, register: number, value: number, size: 16 | 32): void {
  p.reg[register] = size === 32 ? value : (p.reg[register] & ~0xffff) | (value & 0xffff)
}

/** CBW, CWDE: sign-extend the accumulator in place. */
export const cbw = perform((p, i) => {
  const half = i.operandSize === 32 ? 16 : 8
  setSized(p, EAX, signed(p.reg[EAX], half), i.operandSize)
})
/** CWD, CDQ: copy the accumulator's sign all over (E)DX. */
export const cwd = perform((p, i) => setSized(p, EDX, signed(p.reg[EAX], i.operandSize) >> 31, i.operandSize))

export const bswap = modify((_p, value) => {
  const v = value >>> 0
  return (v >>> 24) | ((v >>> 8) & 0xff00) | ((v << 8) & 0xff0000) | (v << 24)
})

/** XLAT: AL := byte at (E)BX + AL. */
export const xlat = perform((p, i) => {
  const offset = p.reg[EBX] + (p.reg[EAX] & 0xff)
  const segment = i.override >= 0 ? i.override : DS
  const byte = p.load(segment, wrapped(offset, i.addressSize), 8)
  p.reg[EAX] = (p.reg[EAX] & ~0xff) | (byte & 0xff)
})

/** XADD: the sum to the destination, the old destination to the source. */
export const xadd = perform((p, i) => {
  const [destination, source] = i.operands
  const a = p.getForWrite(destination)
  const b = p.get(source)
  // The address of a memory destination may be made of the source register; of two equal registers, the sum stays.
  const inMemory = destination.kind === "memory"
  if (inMemory) p.set(destination, a + b)
  p.set(source, a)
  if (!inMemory) p.set(destination, a + b)
  const k = 32 - destination.size
  p.flags.pend(ADDITION, a << k, b << k, (a + b) << k, k)
})

/** CMPXCHG: the destination is written either way, as the bus sees it. */
export const cmpxchg = perform((p, i) => {
  const [destination, source] = i.operands
  const { size } = destination
  const old = p.getForWrite(destination)
  const expected = p.reg[EAX]
  const same = unsigned(old, size) === unsigned(expected, size)
  p.set(destination, same ? p.get(source) : old)
  if (!same) p.set(accumulatorLike(i), old)
  const k = 32 - size
  p.flags.pend(SUBTRACTION, expected << k, old << k, (expected - old) << k, k)
})

/** The accumulator in the source register's width. */
function accumulatorLike(i: Instruction) {
  return { ...i.operands[1], kind: "register" as const, register: 0 }
}

/** CMPXCHG8B m64: compare EDX:EAX, store ECX:EBX. Only ZF changes. */
export const cmpxchg8b = perform((p, i) => {
  const memory = i.operands[0]
  const offset = p.offset(memory)
  p.probeWrite(memory.segment, offset, 8)
  const low = p.load(memory.segment, offset, 32)
  const high = p.load(memory.segment, offset + 4, 32)
  const same = low === p.reg[EAX] && high === p.reg[EDX]
  p.store(memory.segment, offset, 32, same ? p.reg[EBX] : low)
  p.store(memory.segment, offset + 4, 32, same ? p.reg[ECX] : high)
  if (!same) {
    p.reg[EAX] = low
    p.reg[EDX] = high
  }
  p.flags.put(ZF, same ? ZF : 0)
})

/** LDS, LES, LSS, LFS, LGS: offset, then selector. The segment is loaded first, so that a fault leaves the register alone. */
export const loadFarPointer = (segment: number) =>
  transfer((p, i) => {
    const [destination, memory] = i.operands
    const offset = p.offset(memory)
    const value = p.load(memory.segment, offset, i.operandSize)
    const selectorAt = secondPart(memory, offset, i.operandSize / 8)
    p.loadSegment(segment, p.load(memory.segment, selectorAt, 16) & 0xffff)
    p.set(destination, value)
  })

export const lahf = perform((p) => {
  p.reg[EAX] = (p.reg[EAX] & ~0xff00) | ((p.flags.value & 0xff) << 8)
})
/** SAHF: SF ZF AF PF CF from AH. OF stays. */
export const sahf = perform((p) => p.flags.put(STATUS & 0xff, p.reg[EAX] >> 8))

export const cmc = perform((p) => p.flags.put(CF, p.flags.carry() ? 0 : CF))
/** SALC, undocumented: AL := CF ? FFh : 0. */
export const salc = perform((p) => {
  p.reg[EAX] = (p.reg[EAX] & ~0xff) | (p.flags.carry() ? 0xff : 0)
})
export const putFlag = (mask: number, on: boolean) => perform((p) => p.flags.put(mask, on ? mask : 0))

/** ENTER: push EBP, copy up to 31 outer frame pointers, make room. */
export const enter = perform((p, i) => {
  const size = i.operandSize
  const room = p.get(i.operands[0]) & 0xffff
  const level = p.get(i.operands[1]) & 31
  const start = p.reg[ESP]
  try {
    p.push(p.reg[EBP], size)
    const frame = p.reg[ESP]
    copyFramePointers(p, level, frame, size)
    p.addToStackPointer(-room)
    // The manual's last check: the new top of stack must be writable.
    p.probeWrite(SS, p.stackPointer, size / 8)
    setSized(p, EBP, frame, size)
  } catch (fault) {
    p.reg[ESP] = start
    throw fault
  }
})

function copyFramePointers(p: Processor, level: number, frame: number, size: 16 | 32): void {
  if (level === 0) return
  for (let n = 1; n < level; n++) p.push(p.load(SS, (p.reg[EBP] - (n * size) / 8) & p.stackMask, size), size)
  p.push(frame, size)
}

/** LEAVE: drop the frame. ESP changes only if the pop succeeds. */
export const leave = perform((p, i) => {
  const old = p.reg[ESP]
  p.stackPointer = p.reg[EBP]
  try {
    const value = p.peek(i.operandSize)
    p.addToStackPointer(i.operandSize / 8)
    setSized(p, EBP, value, i.operandSize)
  } catch (fault) {
    p.reg[ESP] = old
    throw fault
  }
})
