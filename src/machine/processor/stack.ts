/** A stack being built: pushes are checked against its segment, and nothing of the CPU changes until it is committed. */
import { ESP, SS } from "../../isa/registers"
import { hex } from "../../numbers/int"
import { Fault } from "../events/fault"
import type { Core } from "./core"
import { BIG, type Cache } from "./descriptors"
import { withinLimit } from "./limits"
import { flatness, WRITE_FLAT } from "./segments"

export class Stack<Segment extends Cache = Cache> {
  /** No offset needs a check. */
  private readonly flat: boolean
  /** All of ESP counts, or SP alone. */
  private readonly mask: number

  constructor(
    private readonly cpu: Core,
    readonly selector: number,
    readonly segment: Segment,
    private esp: number,
    /** Whether its pages are accessed with the rights of ring 3. */
    private readonly user: boolean,
    /** Error code of a stack fault here. */
    private readonly errorCode: number,
  ) {
    this.flat = (flatness(segment) & WRITE_FLAT) !== 0
    this.mask = segment.access & BIG ? -1 : 0xffff
  }

  get pointer(): number {
    return this.esp
  }

  /** Whether so many pushes will fit. Far transfers look before the first one. @faults #SS with the given code */
  needRoom(pushes: number, size: 16 | 32): void {
    if (this.flat) return
    const bytes = size >> 3
    for (let n = 1; n <= pushes; n++) this.check((this.esp - n * bytes) & this.mask, bytes)
  }

  /** @faults #SS with the given code beyond the limit; #PF */
  push(value: number, size: 16 | 32, what: string): void {
    const bytes = size >> 3
    const offset = (this.esp - bytes) & this.mask
    if (!this.flat) this.check(offset, bytes)
    this.cpu.linear.writeAs(this.user, (this.segment.base + offset) | 0, size, value)
    if (this.cpu.detailed) this.tell("push", offset, size === 32 ? value : value & 0xffff, what)
    this.esp = (this.esp & ~this.mask) | offset
  }

  /** @faults as `push` */
  pop(size: 16 | 32, what: string): number {
    const bytes = size >> 3
    const offset = this.esp & this.mask
    if (!this.flat) this.check(offset, bytes)
    const value = this.cpu.linear.readAs(this.user, (this.segment.base + offset) | 0, size)
    this.skip(bytes)
    if (this.cpu.detailed) this.tell("pop", offset, value, what)
    return value
  }

  skip(bytes: number): void {
    this.esp = (this.esp & ~this.mask) | ((this.esp + bytes) & this.mask)
  }

  private tell(is: "push" | "pop", offset: number, value: number, what: string): void {
    this.cpu.tellDetail({ is, address: offset >>> 0, value: value >>> 0, what })
  }

  private check(offset: number, bytes: number): void {
    if (!withinLimit(offset, bytes, this.segment))
      throw new Fault(
        "#SS",
        this.errorCode,
        `the stack at offset ${hex(offset)} is outside its segment's limit ${hex(this.segment.limit)}`,
        'SDM Vol. 3A §5.3 "Limit Checking"',
      )
  }
}

/** The stack that SS:ESP is now. */
export function currentStack(cpu: Core, errorCode = 0): Stack {
  const { segments } = cpu
  return new Stack(cpu, segments.selector[SS], segments.cache(SS), cpu.reg[ESP], cpu.cpl === 3, errorCode)
}
