/**
 * Integer arithmetic and logic.
 * Operands come and go as numbers; bits above `size` are ignored on the way in and dropped on the way out.
 * @see SDM Vol. 1 §7.3 "Summary of GP Instructions"
 */
import { type Size, signed, unsigned } from "../../numbers/int"
import { AF, CF, OF, PF, SF, ZF } from "../eflags"
import {
  ADDITION,
  DECREMENT,
  INCREMENT,
  type Inspect,
  LOGIC,
  type Modify,
  modify,
  type Plain,
  type Processor,
  perform,
  RESULT,
  SUBTRACTION,
} from "../processor"
import { EAX, EDX } from "../registers"

/** Do a plain operation: its flags are kept as operands and result, shifted to the top of 32 bits. */
function operate(p: Processor, { flags, value, fixed }: Plain, a: number, b: number, size: Size): number {
  const k = 32 - size
  const second = fixed ?? b
  const result = value(a, second)
  p.flags.pend(flags, a << k, second << k, result << k, k)
  return result | 0
}

const modifying = (plain: Plain): Modify => ({
  kind: "modify",
  f: (p, a, b, size) => operate(p, plain, a, b, size),
  plain,
})
const comparing = (plain: Plain): Inspect => ({
  kind: "inspect",
  f: (p, a, b, size) => {
    operate(p, plain, a, b, size)
  },
  plain,
})

const SUM: Plain = { flags: ADDITION, value: (a, b) => a + b }
const DIFFERENCE: Plain = { flags: SUBTRACTION, value: (a, b) => a - b }
const CONJUNCTION: Plain = { flags: LOGIC, value: (a, b) => a & b }

export const add = modifying(SUM)
export const sub = modifying(DIFFERENCE)
export const cmp = comparing(DIFFERENCE)
export const and = modifying(CONJUNCTION)
export const test = comparing(CONJUNCTION)
export const or = modifying({ flags: LOGIC, value: (a, b) => a | b })
export const xor = modifying({ flags: LOGIC, value: (a, b) => a ^ b })
export const inc = modifying({ flags: INCREMENT, value: (a, b) => a + b, fixed: 1 })
export const dec = modifying({ flags: DECREMENT, value: (a, b) => a - b, fixed: 1 })

/** ADC and SBB: CF counts. */
const withCarry = (flags: number, value: (a: number, b: number, carry: number) => number) =>
  modify((p, a, b, size) => {
    const k = 32 - size
    const result = value(a, b, p.flags.carry() ? 1 : 0)
    p.flags.pend(flags, a << k, b << k, result << k, k)
    return result | 0
  })
export const adc = withCarry(ADDITION, (a, b, carry) => a + b + carry)
export const sbb = withCarry(SUBTRACTION, (a, b, carry) => a - b - carry)

export const not = modify((_p, a) => ~a)
export const neg = modify((p, a, _b, size) => operate(p, DIFFERENCE, 0, a, size))

/** High half of a 32 × 32 bit product, both unsigned. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = aLow * bHigh + (middle % 0x10000)
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) | 0
}

function highSignedProduct(a: number, b: number): number {
  return (highProduct(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0)) | 0
}

/** CF and OF tell whether the high half matters; SF, ZF, PF follow the low half, AF is 0. */
function flagProduct(p: Processor, low: number, overflow: boolean, size: Size): void {
  p.flags.put(CF | OF | AF, overflow ? CF | OF : 0)
  p.flags.pend(RESULT, 0, 0, low << (32 - size), 32 - size)
}

/** Write a double-width result: AX for bytes, DX:AX or EDX:EAX otherwise. */
function setWide(p: Processor, low: number, high: number, size: Size): void {
  if (size === 32) {
    p.reg[EAX] = low
    p.reg[EDX] = high
  } else if (size === 16) {
    p.reg[EAX] = (p.reg[EAX] & ~0xffff) | (low & 0xffff)
    p.reg[EDX] = (p.reg[EDX] & ~0xffff) | (high & 0xffff)
  } else p.reg[EAX] = (p.reg[EAX] & ~0xffff) | ((high & 0xff) << 8) | (low & 0xff)
}

/** MUL: unsigned product of the accumulator and the operand. */
export const mul = perform((p, i) => {
  const { size } = i.operands[0]
  const a = unsigned(p.reg[EAX], size)
  const b = unsigned(p.get(i.operands[0]), size)
  const low = Math.imul(a, b)
  const high = size === 32 ? highProduct(a, b) : low >>> size
  setWide(p, low, high, size)
  flagProduct(p, low, unsigned(high, size) !== 0, size)
})

/** IMUL with one operand: signed product, double width. */
export const imulWide = perform((p, i) => {
  const { size } = i.operands[0]
  const a = signed(p.reg[EAX], size)
  const b = signed(p.get(i.operands[0]), size)
  const low = Math.imul(a, b)
  const high = size === 32 ? highSignedProduct(a, b) : low >> size
  setWide(p, low, high, size)
  flagProduct(p, low, signed(high, size) !== signed(low, size) >> (size - 1), size)
})

function product(p: Processor, x: number, y: number, size: Size): number {
  const a = signed(x, size)
  const b = signed(y, size)
  const low = Math.imul(a, b)
  const lost = size === 32 ? highSignedProduct(a, b) !== low >> 31 : low !== signed(low, size)
  flagProduct(p, low, lost, size)
  return low
}

/** IMUL r, r/m: the low half. */
export const imul = modify(product)
/** IMUL r, r/m, imm. */
export const imul3 = perform((p, i) => {
  const [destination, a, b] = i.operands
  p.set(destination, product(p, p.get(a), p.get(b), destination.size))
})

const DIV_SEE = 'SDM Vol. 2A, "DIV—Unsigned Divide"'
const IDIV_SEE = 'SDM Vol. 2A, "IDIV—Signed Divide"'

/** The dividend of DIV or IDIV: twice as wide as the divisor. */
function dividend(p: Processor, size: Size): bigint {
  const low = unsigned(p.reg[EAX], size === 8 ? 16 : size)
  if (size === 8) return BigInt(low)
  return (BigInt(unsigned(p.reg[EDX], size)) << BigInt(size)) | BigInt(low)
}

function setQuotient(p: Processor, quotient: number, remainder: number, size: Size): void {
  setWide(p, quotient, remainder, size)
}

/** DIV: unsigned. #DE if the divisor is 0 or the quotient does not fit. */
export const div = perform((p, i) => {
  const { size } = i.operands[0]
  const divisor = unsigned(p.get(i.operands[0]), size)
  if (divisor === 0) p.raise("#DE", null, "DIV cannot divide by 0", DIV_SEE)
  if (size === 32 && p.reg[EDX] === 0) {
    const low = p.reg[EAX] >>> 0
    setQuotient(p, Math.floor(low / divisor), low % divisor, size)
    return
  }
  const wide = dividend(p, size)
  const quotient = wide / BigInt(divisor)
  if (quotient >> BigInt(size))
    p.raise("#DE", null, `the quotient of DIV does not fit into ${size} bits`, DIV_SEE)
  setQuotient(p, Number(quotient) | 0, Number(wide % BigInt(divisor)) | 0, size)
})

/** IDIV: signed, rounding towards 0. #DE if the divisor is 0 or the quotient does not fit. */
export const idiv = perform((p, i) => {
  const { size } = i.operands[0]
  const divisor = signed(p.get(i.operands[0]), size)
  if (divisor === 0) p.raise("#DE", null, "IDIV cannot divide by 0", IDIV_SEE)
  if (size === 32 && p.reg[EDX] === p.reg[EAX] >> 31 && divisor !== -1) {
    const low = p.reg[EAX]
    setQuotient(p, (low / divisor) | 0, low % divisor, size)
    return
  }
  const wide = BigInt.asIntN(size * 2, dividend(p, size))
  const quotient = wide / BigInt(divisor)
  if (quotient !== BigInt.asIntN(size, quotient))
    p.raise("#DE", null, `the quotient of IDIV does not fit into ${size} signed bits`, IDIV_SEE)
  setQuotient(p, Number(quotient) | 0, Number(wide % BigInt(divisor)) | 0, size)
})

/** After a shift: CF and OF as given, SF ZF PF from the result, AF cleared (the manual leaves it undefined). */
function shifted(p: Processor, result: number, carry: number, overflow: number, size: Size): number {
  p.flags.put(CF | OF | AF, (carry & 1 ? CF : 0) | (overflow & 1 ? OF : 0))
  p.flags.pend(RESULT, 0, 0, result << (32 - size), 32 - size)
  return result
}

/** Bit `n` of a value; 0 beyond bit 31. */
const bit = (value: number, n: number) => (n > 31 ? 0 : (value >>> n) & 1)

export const shl = modify((p, a, b, size) => {
  const count = b & 31
  if (count === 0) return a
  const value = unsigned(a, size)
  const result = value << count
  const carry = count > size ? 0 : bit(value, size - count)
  return shifted(p, result, carry, bit(result, size - 1) ^ carry, size)
})

export const shr = modify((p, a, b, size) => {
  const count = b & 31
  if (count === 0) return a
  const value = unsigned(a, size)
  const result = value >>> count
  return shifted(p, result, bit(value, count - 1), count === 1 ? bit(value, size - 1) : 0, size)
})

export const sar = modify((p, a, b, size) => {
  const count = b & 31
  if (count === 0) return a
  const value = signed(a, size)
  return shifted(p, value >> count, (value >> (count - 1)) & 1, 0, size)
})

/** Rotates touch CF and OF only. */
function rotated(p: Processor, result: number, carry: number, overflow: number): number {
  p.flags.put(CF | OF, (carry & 1 ? CF : 0) | (overflow & 1 ? OF : 0))
  return result
}

function rotateLeft(value: number, count: number, size: Size): number {
  return count === 0 ? value : (value << count) | (value >>> (size - count))
}

export const rol = modify((p, a, b, size) => {
  if ((b & 31) === 0) return a
  const result = rotateLeft(unsigned(a, size), b & (size - 1), size)
  return rotated(p, result, result, bit(result, size - 1) ^ result)
})

export const ror = modify((p, a, b, size) => {
  if ((b & 31) === 0) return a
  const result = rotateLeft(unsigned(a, size), (size - (b & (size - 1))) & (size - 1), size)
  const top = bit(result, size - 1)
  return rotated(p, result, top, top ^ bit(result, size - 2))
})

/** Rotate the `size` bits and CF as one ring, one place at a time: at most 31 places. */
function throughCarry(
  value: number,
  carry: number,
  count: number,
  size: Size,
): [value: number, carry: number] {
  let v = unsigned(value, size)
  let c = carry
  for (let n = 0; n < count; n++) {
    const out = bit(v, size - 1)
    v = unsigned((v << 1) | c, size)
    c = out
  }
  return [v, c]
}

export const rcl = modify((p, a, b, size) => {
  const count = (b & 31) % (size + 1)
  if (count === 0) return a
  const [result, carry] = throughCarry(a, p.flags.carry() ? 1 : 0, count, size)
  return rotated(p, result, carry, bit(result, size - 1) ^ carry)
})

export const rcr = modify((p, a, b, size) => {
  const count = (b & 31) % (size + 1)
  if (count === 0) return a
  const [result, carry] = throughCarry(a, p.flags.carry() ? 1 : 0, size + 1 - count, size)
  return rotated(p, result, carry, bit(result, size - 1) ^ bit(result, size - 2))
})

/** What a double shift does with its operands as one number, a bit further at each count. */
type Funnel = (value: bigint, fill: bigint, count: bigint, size: Size) => { result: bigint; carry: bigint }

/** A 16-bit operand shifted by more than 16 is undefined; processors go on with the destination's own bits. */
const ring16 = (value: bigint, fill: bigint) => (value << 32n) | (fill << 16n) | value

/** SHLD and SHRD: nothing changes, not even a flag, if the count is 0. */
const doubleShift = (funnel: Funnel) =>
  perform((p, i) => {
    const [destination, filler, amount] = i.operands
    const { size } = destination
    const value = unsigned(p.getForWrite(destination), size)
    const count = p.get(amount) & 31
    if (count === 0) return
    const fill = unsigned(p.get(filler), size)
    const { result: wide, carry } = funnel(BigInt(value), BigInt(fill), BigInt(count), size)
    const result = Number(BigInt.asUintN(size, wide)) | 0
    p.set(destination, result)
    shifted(p, result, Number(carry & 1n), bit(result, size - 1) ^ bit(value, size - 1), size)
  })

/** SHLD: shift the destination left, filling from the top of the source. */
export const shld = doubleShift((value, fill, count, size) => {
  const wide = size === 16 ? ring16(value, fill) : (value << 32n) | fill
  const below = 32n
  return { result: (wide << count) >> below, carry: wide >> (below + BigInt(size) - count) }
})

/** SHRD: shift the destination right, filling from the bottom of the source. */
export const shrd = doubleShift((value, fill, count, size) => {
  const wide = size === 16 ? ring16(value, fill) : (fill << 32n) | value
  return { result: wide >> count, carry: wide >> (count - 1n) }
})

/** Add 6 to a digit that left 0-9: decimal adjustment after ADD or SUB of packed digits. */
function adjustPacked(p: Processor, sign: 1 | -1): void {
  const al = p.reg[EAX] & 0xff
  const low = (al & 15) > 9 || p.flags.adjust()
  const high = al > 0x99 || p.flags.carry()
  const borrowed = low && (sign === 1 ? al + 6 > 0xff : al < 6)
  const result = (al + sign * ((low ? 6 : 0) + (high ? 0x60 : 0))) & 0xff
  p.reg[EAX] = (p.reg[EAX] & ~0xff) | result
  p.flags.put(AF | CF | OF, (low ? AF : 0) | (high || borrowed ? CF : 0))
  p.flags.pend(RESULT, 0, 0, result << 24, 24)
}

export const daa = perform((p) => adjustPacked(p, 1))
export const das = perform((p) => adjustPacked(p, -1))

/** Decimal adjustment of unpacked digits in AX. */
function adjustUnpacked(p: Processor, sign: 1 | -1): void {
  const ax = p.reg[EAX] & 0xffff
  const adjust = (ax & 15) > 9 || p.flags.adjust()
  // 106h at once: a carry out of AL reaches AH as well.
  const moved = adjust ? ax + sign * 0x106 : ax
  p.reg[EAX] = (p.reg[EAX] & ~0xffff) | (moved & 0xff0f)
  p.flags.put(AF | CF | OF | SF | ZF | PF, adjust ? AF | CF : 0)
  p.flags.pend(RESULT, 0, 0, (moved & 0x0f) << 24, 24)
}

export const aaa = perform((p) => adjustUnpacked(p, 1))
export const aas = perform((p) => adjustUnpacked(p, -1))

function setAccumulator(p: Processor, al: number, ah: number): void {
  p.reg[EAX] = (p.reg[EAX] & ~0xffff) | ((ah & 0xff) << 8) | (al & 0xff)
  p.flags.put(CF | OF | AF, 0)
  p.flags.pend(RESULT, 0, 0, al << 24, 24)
}

export const aam = perform((p, i) => {
  const base = p.get(i.operands[0]) & 0xff
  if (base === 0)
    p.raise("#DE", null, "AAM cannot divide by 0", 'SDM Vol. 2A, "AAM—ASCII Adjust AX After Multiply"')
  const al = p.reg[EAX] & 0xff
  setAccumulator(p, al % base, Math.floor(al / base))
})

export const aad = perform((p, i) => {
  const base = p.get(i.operands[0]) & 0xff
  setAccumulator(p, (p.reg[EAX] & 0xff) + ((p.reg[EAX] >> 8) & 0xff) * base, 0)
})

/** BSF and BSR: ZF tells that there was no bit; the destination then keeps its value, as processors do. */
function scan(find: (value: number) => number) {
  return perform((p, i) => {
    const [destination, source] = i.operands
    const value = unsigned(p.get(source), source.size)
    p.flags.pend(LOGIC, 0, 0, value, 0)
    if (value !== 0) p.set(destination, find(value))
  })
}

export const bsf = scan((value) => 31 - Math.clz32(value & -value))
export const bsr = scan((value) => 31 - Math.clz32(value))
