/**
 * Operands as JavaScript text. Registers are local variables r0 to r7 of the unit. Memory behind a flat segment is read
 * and written inline, where the TLB's quick tags allow it; whatever else takes the slow way: there the machine may be
 * looked at, so EIP and the steps left are put in place first, and `at` tells that the instruction was slow.
 */
import { NONE, type Operand } from "../../isa/operand"
import { SS } from "../../isa/registers"
import type { Size } from "../../numbers/int"
import { TLB_MASK } from "../address/tlb"
import { PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from "../board/memory"
import { inSummary, READ_FLAT, type Segments, WIDE_STACK, WRITE_FLAT } from "../processor/segments"
import type { Block } from "./block"

/** Where an instruction stands. */
export interface Position {
  readonly block: Block
  /** Offsets in the page of its first byte, and of the next instruction's. */
  readonly offset: number
  readonly next: number
  /** How many instructions of the block are run when it is done. */
  readonly count: number
}

const SLOT = `t >>> ${PAGE_SHIFT} & ${TLB_MASK}`
const PHYSICAL = `frame[${SLOT}] + (t & ${PAGE_MASK})`

/** Whether memory of a size at address t can be accessed at once. */
function quick(tags: "readTag" | "writeTag", size: Size): string {
  const tagged = `${tags}[${SLOT}] === t >>> ${PAGE_SHIFT}`
  return size === 8 ? tagged : `${tagged} && (t & ${PAGE_MASK}) <= ${PAGE_SIZE - size / 8}`
}

/** A value at a physical address. */
function fetched(at: string, size: Size): string {
  if (size === 8) return `bytes[${at}]`
  return size === 16 ? `view.getUint16(${at}, true)` : `view.getInt32(${at}, true)`
}

/** Put a value at a physical address. */
function put(at: string, size: Size, value: string): string {
  if (size === 8) return `bytes[${at}] = ${value}`
  return size === 16 ? `view.setUint16(${at}, ${value}, true)` : `view.setInt32(${at}, ${value}, true)`
}

/** Registers to their places, and back from there: the unit knows which ones only when it is written. */
export const SPILL = "/* spill */"
export const RELOAD = "/* reload */"
/**
 * The flags to their place. What they follow from is in variables, too: fk, the kind of operation, fa, fb and fr, its
 * operands and result shifted to the top, by fu bits. While fk is negative, they are in their place.
 */
export const SPILL_FLAGS = "if (fk >= 0) { fl.take(fk, fa, fb, fr, fu); fk = -1 }"

export class OperandWriter {
  /** Values that the text calls k0, k1, … */
  readonly constants: unknown[] = []
  /** Bits of `Segments.summary` that must be set where the text runs. */
  assumes = 0
  private readonly used = new Set<number>()
  private readonly changed = new Set<number>()

  /** @param segments as they are now: those that are flat are taken to be so. */
  constructor(private readonly segments: Segments) {}

  /** The name of a value. */
  constant(value: unknown): string {
    const known = this.constants.indexOf(value)
    return `k${known >= 0 ? known : this.constants.push(value) - 1}`
  }

  // Registers

  reg(register: number): string {
    this.used.add(register)
    return `r${register}`
  }

  setReg(register: number, value: string): string {
    this.changed.add(register)
    return `${this.reg(register)} = ${value}`
  }

  /** Declarations of the registers. */
  get registers(): string {
    return [...this.used].map((n) => `r${n} = reg[${n}], `).join("")
  }

  /** Put the registers' spills and reloads in their places. */
  withRegisters(text: string): string {
    const spill = [...[...this.changed].map((n) => `reg[${n}] = r${n}`), SPILL_FLAGS].join("; ")
    const reload = [...this.used].map((n) => `r${n} = reg[${n}]`).join("; ")
    return text.replaceAll(SPILL, spill).replaceAll(RELOAD, reload)
  }

  // Any operand

  read(o: Operand, position: Position): string {
    if (o.kind === "memory") return this.load(o.segment, this.address(o), o.size, position)
    if (o.kind !== "register") return `${o.value}`
    if (o.size === 32) return this.reg(o.register)
    if (o.size === 16) return `(${this.reg(o.register)} & 0xffff)`
    return `(${this.reg(o.register & 3)} >> ${(o.register & 4) << 1} & 0xff)`
  }

  write(o: Operand, value: string, position: Position): string {
    if (o.kind === "memory") return this.store(o.segment, this.address(o), o.size, value, position)
    return this.setRegister(o.register, o.size, value)
  }

  setRegister(register: number, size: Size, value: string): string {
    if (size === 32) return this.setReg(register, value)
    const [number, shift, mask] =
      size === 16 ? [register, 0, 0xffff] : [register & 3, (register & 4) << 1, 0xff]
    return this.setReg(number, `${this.reg(number)} & ${~(mask << shift)} | (${value} & ${mask}) << ${shift}`)
  }

  // Memory

  /** The offset that a memory operand names. */
  address(o: Operand): string {
    const base = o.base === NONE ? [] : [this.reg(o.base)]
    const index = o.index === NONE ? [] : [`(${this.reg(o.index)} << ${o.scale})`]
    const sum = [...base, ...index, `${o.value}`].join(" + ")
    return o.addressSize === 16 ? `(${sum} & 0xffff)` : `(${sum} | 0)`
  }

  /** A value from memory, as an expression. */
  load(segment: number, address: string, size: Size, position: Position): string {
    if (!this.isFlat(segment, READ_FLAT))
      return `(${slowly(position)}, cpu.load${size}(${segment}, ${address}))`
    const slow = `(${slowly(position)}, linear.read${size}(t))`
    return `(t = ${address}, ${quick("readTag", size)} ? ${fetched(PHYSICAL, size)} : ${slow})`
  }

  /** Put a value into memory, as a statement. The value may use t; it comes first. */
  store(segment: number, address: string, size: Size, value: string, position: Position): string {
    const offset = `v = ${value}; t = ${address}`
    if (!this.isFlat(segment, WRITE_FLAT))
      return `${offset}; ${slowly(position)}; cpu.store${size}(${segment}, t, v)`
    return `${offset}
if (${quick("writeTag", size)}) ${put(PHYSICAL, size, "v")}
else { ${slowly(position)}; linear.write${size}(t, v) }`
  }

  /** Change a value in memory: that it can be written is known before anything is done with it. `change` makes v from x. */
  modify(segment: number, address: string, size: Size, change: string, position: Position): string {
    if (!this.isFlat(segment, WRITE_FLAT))
      return `t = ${address}; ${slowly(position)}
cpu.probeWrite(${segment}, t, ${size / 8}); x = cpu.load${size}(${segment}, t)
${change}
cpu.store${size}(${segment}, t, v)`
    return `t = ${address}
if (${quick("writeTag", size)}) { p = ${PHYSICAL}; x = ${fetched("p", size)} }
else { p = -1; ${slowly(position)}; linear.probeWrite(t, ${size / 8}); x = linear.read${size}(t) }
${change}
if (p >= 0) ${put("p", size, "v")}
else linear.write${size}(t, v)`
  }

  /** Whether a segment is flat; if so, it must be where the text runs. */
  private isFlat(segment: number, access: number): boolean {
    const flat = (this.segments.flat[segment] & access) !== 0
    if (flat) this.assumes |= inSummary(segment, access)
    return flat
  }

  /** Whether the stack is one of 32 bits, flat. */
  get wideStack(): boolean {
    if (!(this.segments.summary & WIDE_STACK) || !this.isFlat(SS, WRITE_FLAT)) return false
    this.assumes |= WIDE_STACK | inSummary(SS, READ_FLAT)
    return true
  }
}

/** What comes before whatever may look at the machine. A second access of an instruction keeps the steps left: the first one may have changed them. */
export function slowly({ offset, next, count }: Position): string {
  return `at < 0 && (at = ${offset}, cpu.eip = base + ${next} | 0, clock.left = left - ${count})`
}
