/** A stack being built: pushes are checked against its segment, and nothing of the CPU changes until it is committed. */
import { ESP, SS } from "../isa/registers"
import { hex } from "../numbers/int"
import type { Cpu } from "./cpu"
import { Fault } from "./fault"
import { BIG, withinLimit } from "./segmentation"

/** Segment, selector and pointer of a stack. */
export interface StackPlace {
  readonly selector: number
  readonly cache: { readonly base: number; readonly limit: number; readonly access: number }
  readonly esp: number
}

export class Stack {
  private esp: number

  constructor(
    private readonly cpu: Cpu,
    private readonly place: StackPlace,
    /** Whether its pages are accessed with the rights of ring 3. */
    private readonly user: boolean,
    /** Error code of a stack fault here. */
    private readonly errorCode: number,
  ) {
    this.esp = place.esp
  }

  get pointer(): number {
    return this.esp
  }

  private get mask(): number {
    return this.place.cache.access & BIG ? -1 : 0xffff
  }

  /** @faults #SS with the given code beyond the limit; #PF */
  push(value: number, size: 16 | 32, what: string): void {
    const bytes = size / 8
    const offset = (this.esp - bytes) & this.mask
    this.check(offset, bytes)
    const linear = (this.place.cache.base + offset) | 0
    this.cpu.linear.slowWrite(linear, size, value, this.user)
    if (this.cpu.detailed)
      this.cpu.tellDetail({
        is: "push",
        address: offset >>> 0,
        value: size === 32 ? value >>> 0 : value & 0xffff,
        what,
      })
    this.esp = (this.esp & ~this.mask) | offset
  }

  /** @faults as `push` */
  pop(size: 16 | 32, what: string): number {
    const bytes = size / 8
    const offset = this.esp & this.mask
    this.check(offset, bytes)
    const value = this.cpu.linear.slowRead((this.place.cache.base + offset) | 0, size, this.user)
    this.skip(bytes)
    const whole = size === 32 ? value : value & 0xffff
    if (this.cpu.detailed) this.cpu.tellDetail({ is: "pop", address: offset >>> 0, value: whole >>> 0, what })
    return whole
  }

  skip(bytes: number): void {
    this.esp = (this.esp & ~this.mask) | ((this.esp + bytes) & this.mask)
  }

  private check(offset: number, bytes: number): void {
    if (!withinLimit(offset, bytes, this.place.cache))
      throw new Fault(
        "#SS",
        this.errorCode,
        `the stack at offset ${hex(offset)} is outside its segment's limit ${hex(this.place.cache.limit)}`,
        'SDM Vol. 3A §5.3 "Limit Checking"',
      )
  }
}

/** The stack that SS:ESP is now. */
export function currentStack(cpu: Cpu, errorCode = 0): Stack {
  const place = { selector: cpu.segments.selector[SS], cache: cpu.segments.cache(SS), esp: cpu.reg[ESP] }
  return new Stack(cpu, place, cpu.cpl === 3, errorCode)
}
