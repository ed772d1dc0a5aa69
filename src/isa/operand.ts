/** Operands of a decoded instruction. One shape for all kinds keeps every engine's property reads fast. */
import type { Size } from "../numbers/int"
import type { Row } from "./notation"

type OperandKind = "register" | "memory" | "immediate" | "relative" | "far" | "segment" | "control" | "debug"

/** No register: an address without base or index. */
export const NONE = -1

/** One operand. Which fields mean something depends on `kind`; the others hold 0 or `NONE`. */
export interface Operand {
  readonly kind: OperandKind
  /** Width in bits. 64, 48: memory that the instruction itself takes apart. */
  readonly size: Size
  /** Number of a general, segment, control or debug register. */
  readonly register: number
  /** memory: segment register, after an override. */
  readonly segment: number
  /** memory: register numbers or `NONE`; scale is 0-3 (×1 … ×8). */
  readonly base: number
  readonly index: number
  readonly scale: number
  /** memory: width of the address computation, 16 or 32. */
  readonly addressSize: Size
  /** memory: displacement; immediate: its value, sign-extended where the row says so; relative: distance; far: offset. */
  readonly value: number
  /** far: the selector. */
  readonly selector: number
}

const BLANK: Operand = {
  kind: "immediate",
  size: 32,
  register: NONE,
  segment: NONE,
  base: NONE,
  index: NONE,
  scale: 0,
  addressSize: 32,
  value: 0,
  selector: 0,
}

/** An operand with the given fields and defaults for the rest. */
export function operand(fields: Partial<Operand> & Pick<Operand, "kind" | "size">): Operand {
  return { ...BLANK, ...fields }
}

/** An offset as the address computation leaves it: modulo 64 KiB where addresses have 16 bits. */
export const wrapped = (offset: number, addressSize: Size): number =>
  addressSize === 16 ? offset & 0xffff : offset | 0

/**
 * Offset of a memory operand's second part, `bytes` above the first: it is computed as the first one was, so with 16-bit
 * addresses it wraps at 64 KiB. Far pointers and BOUND's limits are such pairs (so measured on an AMD EPYC);
 * CMPXCHG8B's operand is one of 8 bytes, and does not wrap.
 */
export const secondPart = ({ addressSize }: Operand, first: number, bytes: number): number =>
  wrapped(first + bytes, addressSize)

/** A repeat prefix: none, F2h (REPNE) or F3h (REP, REPE). */
export type Repeat = 0 | 0xf2 | 0xf3

/** A decoded instruction. */
export interface Instruction {
  readonly row: Row
  /** In bytes, prefixes included: 1-15. */
  readonly length: number
  readonly operandSize: 16 | 32
  readonly addressSize: 16 | 32
  readonly operands: readonly Operand[]
  readonly repeat: Repeat
  readonly lock: boolean
  /** Segment override, or `NONE`. */
  readonly override: number
}
