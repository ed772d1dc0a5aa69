/** Registers, and the way of a value between them, memory and the stack: through segmentation, then linear memory. */
import { NONE, type Operand } from "../../isa/operand"
import { ESP, SS } from "../../isa/registers"
import type { Size } from "../../numbers/int"
import type { LinearMemory } from "../address/linear"
import { BIG } from "./descriptors"
import { Flags } from "./flags"
import { checkedLinear } from "./limits"
import { BOUNDED_SHIFT, READ_FLAT, Segments, WRITE_FLAT } from "./segments"

export abstract class DataPath {
  /**
   * EAX ECX EDX EBX ESP EBP ESI EDI, in this order, as signed 32 bits: `reg[0]` is EAX, and `>>> 0` makes
   * it unsigned.
   */
  readonly reg: Int32Array = new Int32Array(8)
  /**
   * Offset in CS of the next instruction, as signed 32 bits. While an instruction runs it is already the next
   * one's.
   */
  eip = 0
  /** EFLAGS: `flags.value` is all of it, `flags.iopl` the I/O privilege level. */
  readonly flags = new Flags()
  /** ES CS SS DS FS GS LDTR TR, in this order: selectors, and what was taken from their descriptors. */
  readonly segments = new Segments()
  abstract readonly linear: LinearMemory

  /** The value of an operand: 8 and 16 bits unsigned, 32 signed. @faults as `load` */
  get(o: Operand): number {
    switch (o.kind) {
      case "register":
        return this.getRegister(o.register, o.size)
      case "memory":
        return this.load(o.segment, this.offset(o), o.size)
      default:
        return o.value
    }
  }

  /** As `get`, but memory must also be writable: the read half of read-modify-write. @faults as `store` */
  getForWrite(o: Operand): number {
    if (o.kind !== "memory") return this.get(o)
    const offset = this.offset(o)
    this.probeWrite(o.segment, offset, o.size / 8)
    return this.load(o.segment, offset, o.size)
  }

  /** Write a register, or memory; bits beyond the operand's size are cut. @faults as `store` */
  set(o: Operand, value: number): void {
    if (o.kind === "register") this.setRegister(o.register, o.size, value)
    else this.store(o.segment, this.offset(o), o.size, value)
  }

  /** Numbers 4-7 of the 8-bit registers are the high bytes of the first four. */
  getRegister(register: number, size: Size): number {
    if (size === 32) return this.reg[register]
    if (size === 16) return this.reg[register] & 0xffff
    return (this.reg[register & 3] >> ((register & 4) << 1)) & 0xff
  }

  /** Write 8, 16 or 32 bits of a general register; its other bits stay. Numbers as for `getRegister`. */
  setRegister(register: number, size: Size, value: number): void {
    if (size === 32) this.reg[register] = value
    else if (size === 16) this.reg[register] = (this.reg[register] & ~0xffff) | (value & 0xffff)
    else {
      const shift = (register & 4) << 1
      this.reg[register & 3] = (this.reg[register & 3] & ~(0xff << shift)) | ((value & 0xff) << shift)
    }
  }

  /** The offset that a memory operand names: base + index × scale + displacement. Touches no memory. */
  offset(o: Operand): number {
    const base = o.base === NONE ? 0 : this.reg[o.base]
    const index = o.index === NONE ? 0 : this.reg[o.index] << o.scale
    const offset = (base + index + o.value) | 0
    return o.addressSize === 16 ? offset & 0xffff : offset
  }

  /**
   * Read 8, 16 or 32 bits at an offset of a segment register's segment: 8 and 16 come unsigned, 32 signed.
   * @faults #GP(0), with SS #SS(0), beyond the limit or if the segment cannot be read; #PF; #AC
   */
  load(segment: number, offset: number, size: Size): number {
    if (size === 32) return this.load32(segment, offset)
    return size === 16 ? this.load16(segment, offset) : this.load8(segment, offset)
  }

  /** A byte, unsigned. @faults as `load` */
  load8(segment: number, offset: number): number {
    return this.linear.read8(this.linearFor(segment, offset, 1, READ_FLAT))
  }

  /** A word, unsigned. @faults as `load` */
  load16(segment: number, offset: number): number {
    return this.linear.read16(this.linearFor(segment, offset, 2, READ_FLAT))
  }

  /** A doubleword, signed. @faults as `load` */
  load32(segment: number, offset: number): number {
    return this.linear.read32(this.linearFor(segment, offset, 4, READ_FLAT))
  }

  /**
   * Write 8, 16 or 32 bits at an offset of a segment; bits beyond the size are cut.
   * @faults #GP(0), with SS #SS(0), beyond the limit or if the segment cannot be written; #PF; #AC
   */
  store(segment: number, offset: number, size: Size, value: number): void {
    if (size === 32) this.store32(segment, offset, value)
    else if (size === 16) this.store16(segment, offset, value)
    else this.store8(segment, offset, value)
  }

  /** Write a byte. @faults as `store` */
  store8(segment: number, offset: number, value: number): void {
    this.linear.write8(this.linearFor(segment, offset, 1, WRITE_FLAT), value)
  }

  /** Write a word. @faults as `store` */
  store16(segment: number, offset: number, value: number): void {
    this.linear.write16(this.linearFor(segment, offset, 2, WRITE_FLAT), value)
  }

  /** Write a doubleword. @faults as `store` */
  store32(segment: number, offset: number, value: number): void {
    this.linear.write32(this.linearFor(segment, offset, 4, WRITE_FLAT), value)
  }

  /** Fault as a write of so many bytes would, without writing. */
  probeWrite(segment: number, offset: number, bytes: number): void {
    this.linear.probeWrite(this.linearFor(segment, offset, bytes, WRITE_FLAT), bytes)
  }

  /**
   * Linear address of an access: at once in a flat segment, after one look at the limit in a bounded one.
   * @param access READ_FLAT or WRITE_FLAT
   * @faults #GP(0), for the stack segment #SS(0)
   */
  private linearFor(segment: number, offset: number, bytes: number, access: number): number {
    const { flat, base, limit } = this.segments
    if (flat[segment] & access) return offset
    if (flat[segment] & (access << BOUNDED_SHIFT) && offset >>> 0 <= limit[segment] - (bytes - 1))
      return (base[segment] + offset) | 0
    return checkedLinear(this.segments, segment, offset, bytes, access === WRITE_FLAT)
  }

  /** Linear address of an offset, unchecked. */
  linearOf(segment: number, offset: number): number {
    return (this.segments.base[segment] + offset) | 0
  }

  // Stack

  /** All ones, or FFFFh where the stack segment is a 16-bit one (its B flag is 0) and SP stands for ESP. */
  get stackMask(): number {
    return this.segments.access[SS] & BIG ? -1 : 0xffff
  }

  /**
   * ESP, or SP in a 16-bit stack segment, as signed 32 bits. Setting it leaves the upper half of ESP in that case.
   */
  get stackPointer(): number {
    return this.reg[ESP] & this.stackMask
  }

  set stackPointer(value: number) {
    const mask = this.stackMask
    this.reg[ESP] = (this.reg[ESP] & ~mask) | (value & mask)
  }

  /**
   * The stack pointer goes down by 2 or 4 bytes, and the value is written there. After a fault it is where it was.
   * @faults as `store` with SS
   */
  push(value: number, size: 16 | 32): void {
    const offset = (this.reg[ESP] - size / 8) & this.stackMask
    this.store(SS, offset, size, value)
    this.stackPointer = offset
  }

  /** The value on top of the stack, or `depth` bytes below it; the stack pointer stays. @faults as `load` with SS */
  peek(size: 16 | 32, depth = 0): number {
    return this.load(SS, (this.reg[ESP] + depth) & this.stackMask, size)
  }

  /** Move the stack pointer by so many bytes, up or (negative) down, in the stack's own width. */
  addToStackPointer(bytes: number): void {
    this.stackPointer = this.reg[ESP] + bytes
  }
}
