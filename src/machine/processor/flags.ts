/**
 * EFLAGS, computed when read. Arithmetic leaves its kind, operands and result here; most are overwritten before
 * anybody looks. @see SDM Vol. 1 §3.4.3 "EFLAGS Register"
 */
import { AF, CF, OF, PF, SF, STATUS, ZF } from "../../isa/eflags"
import {
  ADDITION,
  DECREMENT,
  type FlagRegister,
  INCREMENT,
  LOGIC,
  RESULT,
  SETTLED,
  SUBTRACTION,
} from "../../isa/processor"
import { evenParity } from "../../numbers/int"

/** Carries out of each bit of a + b (+ carry): the top one is CF, bit 3 (of the unshifted operands) is AF. */
const carries = (a: number, b: number, result: number) => (a & b) | ((a | b) & ~result)
/** Borrows into each bit of a - b (- borrow). */
const borrows = (a: number, b: number, result: number) => (~a & b) | ((~a | b) & result)

/** The flags register of a CPU. */
export class Flags implements FlagRegister {
  /** Bits that no pending operation covers. Bit 1 is always set. */
  private bits = 2
  // The pending operation.
  private kind = SETTLED
  private a = 0
  private b = 0
  private result = 0
  private unused = 0

  pend(kind: number, a: number, b: number, result: number, unused: number): void {
    if (kind === INCREMENT || kind === DECREMENT) this.keepCarry()
    this.take(kind, a, b, result, unused)
  }

  /** As `pend`, where CF is in its place if it must be. */
  take(kind: number, a: number, b: number, result: number, unused: number): void {
    this.kind = kind
    this.a = a
    this.b = b
    this.result = result
    this.unused = unused
  }

  /** INC and DEC keep CF, so what an earlier operation left must be worked out first. */
  keepCarry(): void {
    this.setCarry(this.carry())
  }

  /** Put CF in its place. */
  setCarry(carry: boolean): void {
    this.bits = carry ? this.bits | CF : this.bits & ~CF
  }

  carry(): boolean {
    switch (this.kind) {
      case ADDITION:
        return carries(this.a, this.b, this.result) < 0
      case SUBTRACTION:
        return borrows(this.a, this.b, this.result) < 0
      case LOGIC:
        return false
      default:
        return (this.bits & CF) !== 0
    }
  }

  overflow(): boolean {
    switch (this.kind) {
      case ADDITION:
      case INCREMENT:
        return ((this.a ^ this.result) & (this.b ^ this.result)) < 0
      case SUBTRACTION:
      case DECREMENT:
        return ((this.a ^ this.b) & (this.a ^ this.result)) < 0
      case LOGIC:
        return false
      default:
        return (this.bits & OF) !== 0
    }
  }

  adjust(): boolean {
    switch (this.kind) {
      case ADDITION:
      case SUBTRACTION:
      case INCREMENT:
      case DECREMENT:
        return (((this.a ^ this.b ^ this.result) >> this.unused) & 0x10) !== 0
      case LOGIC:
        return false
      default:
        return (this.bits & AF) !== 0
    }
  }

  zero(): boolean {
    return this.kind === SETTLED ? (this.bits & ZF) !== 0 : this.result === 0
  }

  sign(): boolean {
    return this.kind === SETTLED ? (this.bits & SF) !== 0 : this.result < 0
  }

  parity(): boolean {
    return this.kind === SETTLED ? (this.bits & PF) !== 0 : evenParity((this.result >> this.unused) & 0xff)
  }

  put(mask: number, bits: number): void {
    if (mask & (SF | ZF | PF)) this.settle()
    else if (mask & STATUS) this.settleCarries(mask)
    this.bits = (this.bits & ~mask) | (bits & mask)
  }

  /** Have CF, OF and AF in place, but for those of a mask; SF, ZF and PF still follow from the result. */
  private settleCarries(mask: number): void {
    if (this.kind === SETTLED || this.kind === RESULT) return
    const carries =
      (mask & CF || !this.carry() ? 0 : CF) |
      (mask & OF || !this.overflow() ? 0 : OF) |
      (mask & AF || !this.adjust() ? 0 : AF)
    this.bits = (this.bits & ~(CF | OF | AF)) | carries
    this.kind = RESULT
  }

  /** The flags that arithmetic never touches (IF, TF, IOPL …) are in place at any time. */
  has(systemFlag: number): boolean {
    return (this.bits & systemFlag) !== 0
  }

  get iopl(): number {
    return (this.bits >> 12) & 3
  }

  get value(): number {
    this.settle()
    return this.bits
  }

  set value(value: number) {
    this.kind = SETTLED
    this.bits = value | 2
  }

  private settle(): void {
    if (this.kind === SETTLED) return
    const status =
      (this.carry() ? CF : 0) |
      (this.parity() ? PF : 0) |
      (this.adjust() ? AF : 0) |
      (this.zero() ? ZF : 0) |
      (this.sign() ? SF : 0) |
      (this.overflow() ? OF : 0)
    this.bits = (this.bits & ~STATUS) | status
    this.kind = SETTLED
  }
}
