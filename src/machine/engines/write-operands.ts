/**
 * Operands as JavaScript text. Registers are local variables r0 to r7 of the unit. Memory is read and
 * written inline, where the segment is flat, or bounded and the offset within its limit, and the TLB's quick tags allow it;
 * whatever else takes the slow way: there the machine may be looked at, so EIP and the steps left are put in place first,
 * and `at` tells that the instruction was slow.
 */
import { NONE, type Operand } from "../../isa/operand"
import type { Size } from "../../numbers/int"
import { TLB_MASK } from "../address/tlb"
import { PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from "../board/memory"
import {
  BOUNDED_SHIFT,
  inSummary,
  READ_FLAT,
  type Segments,
  WIDE_STACK,
  WRITE_FLAT,
} from "../processor/segments"
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

/** How a unit accesses memory behind a segment, as it was when the unit was written. */
interface Access {
  /** The variable that the offset is put in. */
  readonly offset: "t" | "o"
  /** Whether it may go on at once, at linear address t. */
  readonly atOnce: string
  /** The slow ways: they find out what is missing, or wrong. */
  readonly load: string
  /** Stores v. */
  readonly store: string
  readonly probe: string
}

const SLOT = `t >>> ${PAGE_SHIFT} & ${TLB_MASK}`
const PHYSICAL = `frame[${SLOT}] + (t & ${PAGE_MASK})`

/** Whether memory of a size at address t can be accessed at once. */
function quick(tags: "readTag" | "writeTag", size: Size): string {
  const tagged = `${tags}[${SLOT}] === t >>> ${PAGE_SHIFT}`
  return size === 8 ? tagged : `${tagged} && (t & ${PAGE_MASK}) <= ${PAGE_SIZE - size / 8}`
}

const TOP_BIT = -0x8000_0000

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
  /** Bits of `Segments.summary` that must be as they are now where the text runs. */
  assumes = 0
  private readonly used = new Set<number>()
  private readonly changed = new Set<number>()
  /** Bases and limits of segments, by their variables' names. */
  private readonly bounds = new Map<string, string>()

  /** @param segments as they are now: the text is for such ones only */
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

  /** Declarations of bases and limits, which stay what they are: whatever loads a segment leaves the unit. */
  get limits(): string {
    return [...this.bounds].map(([name, value]) => `const ${name} = ${value}\n`).join("")
  }

  /** A variable for a number that depends on a segment. */
  private bound(name: string, value: string): string {
    this.bounds.set(name, value)
    return name
  }

  /** The base of a segment. */
  private base(segment: number): string {
    return this.bound(`b${segment}`, `segments.base[${segment}]`)
  }

  /** The last offset of a segment at which some bytes fit. Its top bit is turned: signed numbers compare so as unsigned ones do. */
  private last(segment: number, bytes: number): string {
    return this.bound(`l${segment}_${bytes}`, `segments.limit[${segment}] - ${bytes - 1} ^ ${TOP_BIT}`)
  }

  /** Whether some bytes at an offset end within a bounded segment's limit. */
  protected within(segment: number, offset: string, bytes: number): string {
    return `(${offset} ^ ${TOP_BIT}) <= ${this.last(segment, bytes)}`
  }

  /** What some bits of `Segments.summary` are. */
  protected assumed(bits: number): number {
    this.assumes |= bits
    return this.segments.summary & bits
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
    const { offset, atOnce, load } = this.access(segment, size, READ_FLAT)
    const slow = `(${slowly(position)}, ${load})`
    return `(${offset} = ${address}, ${atOnce} ? ${fetched(PHYSICAL, size)} : ${slow})`
  }

  /** Put a value into memory, as a statement. The value may use t and o; it comes first. */
  store(segment: number, address: string, size: Size, value: string, position: Position): string {
    const { offset, atOnce, store } = this.access(segment, size, WRITE_FLAT)
    return `v = ${value}; ${offset} = ${address}
if (${atOnce}) ${put(PHYSICAL, size, "v")}
else { ${slowly(position)}; ${store} }`
  }

  /** Change a value in memory: that it can be written is known before anything is done with it. `change` makes v from x. */
  modify(segment: number, address: string, size: Size, change: string, position: Position): string {
    const { offset, atOnce, load, store, probe } = this.access(segment, size, WRITE_FLAT)
    return `${offset} = ${address}
if (${atOnce}) { p = ${PHYSICAL}; x = ${fetched("p", size)} }
else { p = -1; ${slowly(position)}; ${probe}; x = ${load} }
${change}
if (p >= 0) ${put("p", size, "v")}
else ${store}`
  }

  /** How memory behind a segment is accessed: what can be written can be read. @param right READ_FLAT or WRITE_FLAT */
  private access(segment: number, size: Size, right: number): Access {
    const tagged = quick(right === WRITE_FLAT ? "writeTag" : "readTag", size)
    if (this.assumed(inSummary(segment, right))) return linearAccess(size, tagged)
    if (!this.assumed(inSummary(segment, right << BOUNDED_SHIFT)))
      return checkedAccess(segment, size, "false")
    const within = this.within(segment, "o", size / 8)
    return checkedAccess(segment, size, `${within} && (t = o + ${this.base(segment)} | 0, ${tagged})`)
  }

  /** Whether all of ESP counts. */
  get wideStack(): boolean {
    return this.assumed(WIDE_STACK) !== 0
  }
}

/** In a flat segment the offset is the linear address. */
const linearAccess = (size: Size, atOnce: string): Access => ({
  offset: "t",
  atOnce,
  load: `linear.read${size}(t)`,
  store: `linear.write${size}(t, v)`,
  probe: `linear.probeWrite(t, ${size / 8})`,
})

const checkedAccess = (segment: number, size: Size, atOnce: string): Access => ({
  offset: "o",
  atOnce,
  load: `cpu.load${size}(${segment}, o)`,
  store: `cpu.store${size}(${segment}, o, v)`,
  probe: `cpu.probeWrite(${segment}, o, ${size / 8})`,
})

/** What comes before whatever may look at the machine. A second access of an instruction keeps the steps left: the first one may have changed them. */
export function slowly({ offset, next, count }: Position): string {
  return `at < 0 && (at = ${offset}, cpu.eip = base + ${next} | 0, clock.left = left - ${count})`
}
