/**
 * The processor as instructions see it: each thing that their semantics may ask, one line or two to the part that does it. It
 * knows no hypervisor and no engine; engines run instructions on it and tell it of faults.
 */
import { AC, DF, ID, IF, IOPL, NT, RF, STATUS, TF } from "../isa/eflags"
import type { Processor, SoftwareInterrupt } from "../isa/processor"
import { CS } from "../isa/registers"
import { type At, type Card, cardBundle, inspected } from "../numbers/card"
import { DISPLAY, INSPECT } from "../numbers/host"
import { hex, type Size, signed } from "../numbers/int"
import type { Bus } from "./board/bus"
import type { Clock } from "./board/clock"
import { GateFunctions } from "./delivery/gate-functions"
import { enterHandler, interruptReturn } from "./delivery/interrupts"
import type { Fault } from "./events/fault"
import type { Ledger } from "./events/ledger"
import { compareElements, copyElements, fillElements, scanElements } from "./processor/bulk"
import { flagsLine, registerRows } from "./processor/cards"
import { CR4 } from "./processor/control"
import { Core } from "./processor/core"
import type { Generation } from "./processor/generations"
import { identify } from "./processor/identity"
import type { Wide } from "./processor/model-specific"
import { enterSystem, exitSystem } from "./protection/fast-call"
import { requirePort } from "./protection/ports"
import {
  forbiddenByUmip,
  needsIopl,
  needsProtectedMode,
  needsRing0,
  needsVirtualIopl,
} from "./protection/privilege"
import { farCall8086, farJump8086, farReturn8086, load8086 } from "./protection/real-address"
import { farReturn } from "./protection/returns"
import { describe, loadLdtr, loadSegment, loadTr, verify } from "./protection/segmentation"
import { farCall, farJump } from "./protection/transfers"

/** The processor: its registers and flags, and what an instruction may ask of it. A machine makes its own. */
export class Cpu extends Core implements Processor {
  readonly checkedGates: GateFunctions

  constructor(bus: Bus, clock: Clock, ledger: Ledger, generation: Generation) {
    super(bus, clock, ledger, generation)
    this.checkedGates = new GateFunctions(this, bus.memory)
  }

  /** What a cell shows of it. @internal */
  card(): Card {
    const state = this.save()
    return {
      title: `Processor, ${this.activity} in ring ${this.cpl} at EIP ${hex(this.eip)}`,
      says: [flagsLine(state)],
      rows: registerRows(state),
    }
  }

  /** A card: its registers. */
  [DISPLAY]() {
    return cardBundle(this.card())
  }

  /** The card as text. */
  [INSPECT](...at: At): string {
    return inspected(this.card(), ...at)
  }

  // Privilege

  requireRing0(name: string): Fault | undefined {
    return this.cpl === 0 ? undefined : needsRing0(this, name)
  }

  requireIopl(name: string): Fault | undefined {
    return this.cpl <= this.flags.iopl ? undefined : needsIopl(this, name)
  }

  requireVirtualIopl(name: string): Fault | undefined {
    return this.virtual8086 && this.flags.iopl < 3 ? needsVirtualIopl(this, name) : undefined
  }

  requireUmip(name: string): Fault | undefined {
    return this.control[4] & CR4.UMIP && this.cpl > 0 ? forbiddenByUmip(this, name) : undefined
  }

  requireProtectedMode(name: string): Fault | undefined {
    return this.protectedSegments ? undefined : needsProtectedMode(this, name)
  }

  requirePort(port: number, size: Size): Fault | undefined {
    return requirePort(this, port, size)
  }

  // Control transfers

  jump(target: number, size: 16 | 32): void {
    const offset = size === 16 ? target & 0xffff : target | 0
    if (offset >>> 0 > this.segments.limit[CS])
      this.raise(
        "#GP",
        0,
        `the jump to ${hex(offset)} is beyond the code segment's limit ${hex(this.segments.limit[CS])}`,
        'SDM Vol. 3A §5.3 "Limit Checking"',
      )
    this.eip = offset
  }

  farJump(selector: number, offset: number): void {
    this.charge(this.prices.farTransfer)
    if (this.protectedSegments) farJump(this, selector, offset)
    else farJump8086(this, selector, offset)
  }

  farCall(selector: number, offset: number, size: 16 | 32): void {
    this.charge(this.prices.farTransfer)
    if (this.protectedSegments) farCall(this, selector, offset, size)
    else farCall8086(this, selector, offset, size)
  }

  farReturn(size: 16 | 32, drop: number): void {
    this.charge(this.prices.farTransfer)
    if (this.protectedSegments) farReturn(this, size, drop)
    else farReturn8086(this, size, drop)
  }

  softwareInterrupt(vector: number, how: SoftwareInterrupt): void {
    if (this.detailed) this.tellDetail({ is: "check", says: `${how} asks for vector ${hex(vector, 2)}` })
    enterHandler(this, { vector, errorCode: null, software: how, resume: false })
    // A refused INT n is a fault and no trap, so this is told only now.
    if (this.listening) this.tell({ is: "trap", vector, how })
  }

  /** An IRET unblocks NMIs even if it faults, also for IOPL. @see SDM Vol. 3A §6.7.1 "Handling Multiple NMIs" */
  interruptReturn(size: 16 | 32): void {
    this.endOfNmi()
    const refused = this.requireVirtualIopl("IRET")
    if (refused) throw refused
    this.charge(this.prices.interruptReturn)
    interruptReturn(this, size)
  }

  // Segments and tables

  selector(segment: number): number {
    return this.segments.selector[segment]
  }

  loadSegment(segment: number, selector: number): void {
    if (this.protectedSegments) loadSegment(this, segment, selector & 0xffff)
    else load8086(this, segment, selector & 0xffff)
  }

  loadLdtr(selector: number): void {
    loadLdtr(this, selector)
  }

  loadTr(selector: number): void {
    loadTr(this, selector)
  }

  describe(selector: number, what: "rights" | "limit"): number | null {
    return describe(this, selector, what)
  }

  verify(selector: number, what: "read" | "write"): boolean {
    return verify(this, selector, what)
  }

  // Flags and interrupts

  /** @see SDM Vol. 2B "POPF/POPFD", Table 4-15 "Effect of POPF/POPFD on the EFLAGS Register" */
  setFlags(value: number, size: 16 | 32): void {
    const everywhere = STATUS | TF | DF | NT | (size === 32 ? AC | ID : 0)
    const allowed = (this.cpl === 0 ? IOPL : 0) | (this.cpl <= this.flags.iopl ? IF : 0)
    this.popFlags(everywhere | allowed | RF, value & ~RF)
  }

  // Control, debug and model-specific registers

  debugRegister(register: number, name: string): number {
    const index = this.debug.index(register, this.debugExtensions)
    const refused = this.requireRing0(name)
    if (refused) throw refused
    this.debug.checkAccess()
    return index
  }

  readDebug(register: number): number {
    return this.debug.read(register)
  }

  writeDebug(register: number, value: number): void {
    this.debug.write(register, value)
    this.arm()
  }

  readModelSpecific(register: number): Wide {
    return this.modelSpecific.read(register)
  }

  writeModelSpecific(register: number, low: number): void {
    this.modelSpecific.write(register, low)
  }

  enterSystem(): void {
    enterSystem(this)
  }

  exitSystem(): void {
    exitSystem(this)
  }

  invalidatePage(linear: number): void {
    this.linear.tlb.invalidate(linear)
  }

  identify(leaf: number): readonly [number, number, number, number] {
    return identify(this.generation.identity, leaf)
  }

  timeStamp(): Wide {
    return this.modelSpecific.timeStamp
  }

  another(): boolean {
    if (this.clock.left <= 0) return false
    this.clock.left--
    return true
  }

  copyAtOnce(segment: number, from: number, to: number, size: Size, most: number): number {
    const { memory } = this.bus
    return this.took(copyElements(this, memory, [segment, from, to], size / 8, this.atMost(most)))
  }

  fillAtOnce(to: number, value: number, size: Size, most: number): number {
    return this.took(fillElements(this, this.bus.memory, to, value, size / 8, this.atMost(most)))
  }

  scanAtOnce(at: number, value: number, equal: boolean, size: Size, most: number): number {
    const sought = signed(value, size)
    return this.took(scanElements(this, this.bus.memory, at, sought, equal, size / 8, this.atMost(most)))
  }

  compareAtOnce(segment: number, from: number, at: number, equal: boolean, size: Size, most: number): number {
    const { memory } = this.bus
    return this.took(compareElements(this, memory, [segment, from, at], equal, size / 8, this.atMost(most)))
  }

  private atMost(steps: number): number {
    return Math.max(0, Math.min(steps, this.clock.left))
  }

  private took(steps: number): number {
    this.clock.left -= steps
    return steps
  }

  // Ports

  inPort(port: number, size: Size): number {
    this.charge(this.prices.port)
    this.notePort(port, size)
    return this.bus.in(port, size)
  }

  outPort(port: number, size: Size, value: number): void {
    this.charge(this.prices.port)
    this.notePort(port, size)
    this.bus.out(port, size, size === 32 ? value >>> 0 : value & ((1 << size) - 1))
  }

  private notePort(port: number, size: Size): void {
    if (this.debug.onPorts && this.debug.notePort(port, size / 8)) this.clock.lookUp()
  }
}
