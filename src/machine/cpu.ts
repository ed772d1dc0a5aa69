/**
 * The processor: its registers, and what instructions may ask of it. It knows no hypervisor and no engine; engines run
 * instructions on it and tell it of faults.
 */
import { AC, CHANGEABLE, DF, ID, IF, IOPL, NT, RF, STATUS, TF, VM } from "../isa/eflags"
import type { ExceptionName, Processor, SoftwareInterrupt, TableRegister, Words } from "../isa/processor"
import { CS } from "../isa/registers"
import { hex, type Size, signed } from "../numbers/int"
import { LinearMemory } from "./address/linear"
import { readPointers, type Tables, tablesOf } from "./address/paging"
import type { Bus } from "./board/bus"
import type { Clock } from "./board/clock"
import { enterHandler, interruptReturn } from "./delivery/interrupts"
import { Passages } from "./delivery/passages"
import type { Costs, PriceName } from "./events/costs"
import type { Event, Listener } from "./events/events"
import { Fault } from "./events/fault"
import { accountOf, type Ledger } from "./events/ledger"
import { compareElements, copyElements, fillElements, scanElements } from "./processor/bulk"
import { CR0, CR4, changesPaging, checkControl, INITIAL_CR0, identify, stored } from "./processor/control"
import { DataPath } from "./processor/data-path"
import { DebugRegisters } from "./processor/debug"
import { KnownDescriptors } from "./processor/descriptors"
import { ModelSpecificRegisters, type ModelSpecificState, type Wide } from "./processor/model-specific"
import { RESET_STATE } from "./processor/reset"
import type { Segments } from "./processor/segments"
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
import { describe, loadLdtr, loadSegment, loadTr, verify } from "./protection/segmentation"
import { farCall, farJump, farReturn } from "./protection/transfers"

/** Whether the processor executes, waits for an interrupt, is lost until reset, or is being reset. */
export type Activity = "running" | "halted" | "shutdown" | "reset"
/** What holds interrupts off for one more instruction. @see SDM Vol. 3C §24.4.2 Table 24-3 */
export type Shadow = "none" | "STI" | "MOV SS"

/** A price with the number of the account that it goes to. */
interface BookedPrice {
  readonly name: PriceName
  readonly cycles: number
  readonly account: number
}

const pricesOf = (costs: Costs) =>
  Object.fromEntries(
    Object.entries(costs).map(([name, { cycles, cause }]) => [
      name,
      { name, cycles, account: accountOf(cause) },
    ]),
  ) as Readonly<Record<PriceName, BookedPrice>>

/** The CPU's registers as plain data. */
export interface CpuState {
  readonly reg: readonly number[]
  readonly eip: number
  readonly flags: number
  readonly segments: ReturnType<Segments["save"]>
  readonly gdtr: TableRegister
  readonly idtr: TableRegister
  readonly control: readonly number[]
  /** PDPTEs of PAE paging. */
  readonly pointers: readonly number[]
  readonly debug: readonly number[]
  readonly modelSpecific: ModelSpecificState
  /** DR6's bits of breakpoints whose trap waits for the end of a MOV SS shadow. */
  readonly breakpointsMet: number
  readonly activity: Activity
  readonly shadow: Shadow
  readonly repeatFlags: number | null
  readonly suspended: boolean
  readonly nmi: readonly [pending: boolean, blocked: boolean]
  readonly tlb: ReturnType<LinearMemory["tlb"]["save"]>
}

/** The processor: its registers and flags, and what an instruction may ask of it. A machine makes its own. */
export class Cpu extends DataPath implements Processor {
  readonly gdtr: TableRegister = { base: 0, limit: 0 }
  readonly idtr: TableRegister = { base: 0, limit: 0 }
  readonly linear: LinearMemory
  activity: Activity = "running"
  shadow: Shadow = "none"
  /** The interrupt controller has a request for us. */
  interruptRequest = false
  /** The step at hand went to a handler: then its single-step trap is lost. */
  enteredHandler = false
  /** EFLAGS from before a repeated comparison that is not done: a fault in it restores them. */
  repeatFlags: number | null = null
  /** A repeated instruction stopped between two iterations: what interrupts it saves RF, for it has met its breakpoint already. */
  suspended = false
  readonly prices: Readonly<Record<PriceName, BookedPrice>>
  private nmiPending = false
  private nmiBlocked = false
  /** CR0-CR4. Only who restores a state writes here: `writeControl` checks, and tells what depends on it. */
  readonly control: Int32Array = Int32Array.of(INITIAL_CR0, 0, 0, 0, 0)
  /** The four page-directory-pointer-table entries of PAE paging, as they were when CR3 was loaded. */
  private readonly pointers = new Int32Array(4)
  /** Descriptors that were read lately. */
  readonly descriptors = new KnownDescriptors()
  /** Ways through gates that were checked. */
  readonly passages: Passages
  readonly debug = new DebugRegisters()
  readonly modelSpecific: ModelSpecificRegisters
  private heard: Listener | undefined

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly ledger: Ledger,
    costs: Costs,
  ) {
    super()
    this.prices = pricesOf(costs)
    const { walkReference } = this.prices
    this.modelSpecific = new ModelSpecificRegisters(clock)
    this.linear = new LinearMemory(bus, () => this.spend(walkReference))
    this.passages = new Passages(this, bus.memory)
    this.linear.onBreakpoint = () => this.clock.lookUp()
    bus.onMoved = () => {
      this.linear.tlb.flush(true)
      this.clock.lookUp()
    }
  }

  // What is told

  set listener(listener: Listener | undefined) {
    this.heard = listener
    this.bus.listener = listener
    this.linear.listener = listener
  }

  tell(event: Event): void {
    this.heard?.tell(event)
  }

  /** Somebody hears what is told: only then need it be put together. */
  get listening(): boolean {
    return this.heard !== undefined
  }

  /** Somebody wants to hear of each detail: only then is it worth putting into words. */
  get detailed(): boolean {
    return this.heard?.detail === true
  }

  tellDetail(event: Event): void {
    if (this.heard?.detail) this.heard.tell(event)
  }

  notSimulated(what: string): void {
    this.tell({ is: "not simulated", what })
  }

  charge(price: PriceName | string): void {
    this.spend(this.prices[price as PriceName])
  }

  /** As `charge`, where it happens often. */
  spend({ name, cycles, account }: BookedPrice): void {
    this.ledger.addTo(account, cycles)
    this.clock.charge(cycles)
    if (this.detailed) this.tellDetail({ is: "charge", price: name, cycles })
  }

  // Privilege

  get cpl(): number {
    return this.segments.cpl
  }

  /** CR0.PE is set. */
  get protectedMode(): boolean {
    return (this.control[0] & CR0.PE) !== 0
  }

  /** Protected mode, and EFLAGS.VM is set: an 8086 program runs as a task in ring 3. */
  get virtual8086(): boolean {
    return this.flags.has(VM) && this.protectedMode
  }

  /** Segment registers hold selectors of descriptors, and not numbers of paragraphs. */
  get protectedSegments(): boolean {
    return this.protectedMode && !this.flags.has(VM)
  }

  /** To be called when CS was loaded: paging rights depend on the ring. */
  ringChanged(from: number): void {
    if (this.cpl === from) return
    this.updateRights()
    if (this.listening) this.tell({ is: "ring", from, to: this.cpl })
  }

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

  refusal(name: ExceptionName, errorCode: number | null, says: Words, see: string): Fault {
    return new Fault(name, errorCode, says, see)
  }

  raise(name: ExceptionName, errorCode: number | null, says: Words, see: string): never {
    throw new Fault(name, errorCode, says, see)
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
    this.spend(this.prices.farTransfer)
    if (this.protectedSegments) farJump(this, selector, offset)
    else farJump8086(this, selector, offset)
  }

  farCall(selector: number, offset: number, size: 16 | 32): void {
    this.spend(this.prices.farTransfer)
    if (this.protectedSegments) farCall(this, selector, offset, size)
    else farCall8086(this, selector, offset, size)
  }

  farReturn(size: 16 | 32, drop: number): void {
    this.spend(this.prices.farTransfer)
    if (this.protectedSegments) farReturn(this, size, drop)
    else farReturn8086(this, size, drop)
  }

  softwareInterrupt(vector: number, how: SoftwareInterrupt): void {
    if (this.detailed) this.tellDetail({ is: "check", says: `${how} asks for vector ${hex(vector, 2)}` })
    enterHandler(this, { vector, errorCode: null, software: how, resume: false })
    // A refused INT n is a fault and no trap, so this is told only now.
    if (this.listening) this.tell({ is: "trap", vector, how })
  }

  interruptReturn(size: 16 | 32): void {
    this.spend(this.prices.interruptReturn)
    interruptReturn(this, size)
    this.endOfNmi()
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

  /** Flags from the stack: those that CPL and IOPL forbid silently keep their value, which a listener is told. */
  popFlags(mask: number, popped: number): void {
    if (this.detailed) this.tellKept((popped ^ this.flags.value) & ~mask, popped)
    this.replaceFlags(mask, popped)
  }

  private tellKept(kept: number, popped: number): void {
    if (kept & IF) this.tellDetail({ is: "kept", says: this.keptInterrupts(popped) })
    if (kept & IOPL)
      this.tellDetail({
        is: "kept",
        says: `IOPL stays ${this.flags.iopl}, though ${(popped & IOPL) >>> 12} was popped: only ring 0 changes it, and CPL is ${this.cpl}`,
      })
  }

  private keptInterrupts(popped: number): string {
    const [now, then] = popped & IF ? [0, 1] : [1, 0]
    return `IF stays ${now}, though ${then} was popped: that needs CPL ≤ IOPL, but CPL is ${this.cpl} and IOPL is ${this.flags.iopl}`
  }

  /** EFLAGS bits of `mask` take their value from `bits`. */
  replaceFlags(mask: number, bits: number): void {
    const old = this.flags.value
    const now = (old & ~mask) | (bits & mask & CHANGEABLE)
    this.flags.value = now
    if ((old ^ now) & AC) this.updateRights()
    if (now & TF || (now & ~old & IF && this.interruptRequest)) this.clock.lookUp()
  }

  /** Flags whose clearing lets nothing happen that could not have happened before. */
  clearFlags(mask: number): void {
    this.flags.put(mask, 0)
  }

  setInterruptFlag(on: boolean): void {
    this.flags.put(IF, on ? IF : 0)
    if (on) this.holdInterrupts("STI")
  }

  holdInterrupts(shadow: Exclude<Shadow, "none">): void {
    this.shadow = shadow
    this.clock.lookUp()
  }

  halt(): void {
    this.activity = "halted"
    this.tell({ is: "halt", interruptible: this.flags.has(IF) })
    this.clock.lookUp()
  }

  /** Nothing goes on until a reset. */
  shutDown(): void {
    this.activity = "shutdown"
    this.tell({ is: "shutdown" })
    this.clock.lookUp()
  }

  /** A non-maskable interrupt arrives. */
  requestNmi(): void {
    this.nmiPending = true
    this.clock.lookUp()
  }

  /** Take the NMI if one waits and none is being handled. */
  takeNmi(): boolean {
    if (!this.nmiPending || this.nmiBlocked) return false
    this.nmiPending = false
    this.nmiBlocked = true
    return true
  }

  /** IRET ends the blocking of NMIs. */
  endOfNmi(): void {
    this.nmiBlocked = false
    if (this.nmiPending) this.clock.lookUp()
  }

  /** Whether anything could end a halt. */
  canBeWoken(): boolean {
    return this.flags.has(IF) || this.nmiPending
  }

  /**
   * A page fault was detected: CR2 has its address, even if a double fault or a shutdown comes of it.
   * @see SDM Vol. 3A §6.15 "Interrupt 14—Page-Fault Exception (#PF)"
   */
  detectPageFault(address: number): void {
    this.control[2] = address
  }

  /** Deliver a fault; it may raise another. */
  deliverFault(fault: Fault): void {
    enterHandler(this, { vector: fault.vector, errorCode: fault.errorCode, resume: fault.resumes })
    if (fault.name === "#DB") this.debug.enterHandler()
  }

  // Control, debug and model-specific registers

  readControl(register: number): number {
    return this.control[register]
  }

  writeControl(register: number, value: number): void {
    checkControl(this, register, value)
    const old = this.control[register]
    if (changesPaging(register, old, value)) this.loadPointers(register, value)
    this.control[register] = stored(register, value)
    if (register === 3) {
      this.tell({ is: "cr3", from: old >>> 0, to: value >>> 0 })
      this.linear.tlb.flush(false)
    }
    if (register === 4 && changesPaging(4, old, value)) this.linear.tlb.flush(true)
    if (register === 4) this.arm()
    this.updateMode()
    this.clock.lookUp()
  }

  /** Load the page-directory pointers, if PAE paging will be in use when a control register has its new value. @faults #GP(0) */
  private loadPointers(register: number, value: number): void {
    const [cr0, , , cr3, cr4] = Int32Array.from(this.control).fill(value, register, register + 1)
    if (!(cr0 & CR0.PG && cr4 & CR4.PAE)) return
    const read = (physical: number) => {
      this.charge("walkReference")
      return this.bus.read(physical, 32)
    }
    this.pointers.set(readPointers(cr3, read))
  }

  /** The page tables that a walk goes through. */
  get tables(): Tables {
    const { 3: cr3, 4: cr4 } = this.control
    return tablesOf(cr3, (cr4 & CR4.PSE) !== 0, (cr4 & CR4.PAE) !== 0, this.pointers)
  }

  /** Tell linear memory what CPL and the control registers mean for it. */
  updateMode(): void {
    const cr0 = this.control[0]
    this.linear.setMode({
      paging: (cr0 & CR0.PG) !== 0,
      writeProtect: (cr0 & CR0.WP) !== 0,
      tables: this.tables,
    })
    this.updateRights()
  }

  /** Tell linear memory what CPL means for it. */
  private updateRights(): void {
    const user = this.cpl === 3
    this.linear.setRights(user, user && (this.control[0] & CR0.AM) !== 0 && this.flags.has(AC))
  }

  /** Set bits of a control register as the processor itself does, without checks. */
  setControlBits(register: number, bits: number): void {
    this.control[register] |= bits
  }

  /** The task that was switched to wants to be traced. @faults #DB */
  trapAfterSwitch(): never {
    this.debug.noteTaskSwitch()
    this.raise(
      "#DB",
      null,
      "the T bit of the new task's TSS is set",
      'SDM Vol. 3B §17.3.1.5 "Task-Switch Exception Condition"',
    )
  }

  clearLocalBreakpoints(): void {
    this.debug.clearLocal()
    this.arm()
  }

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

  private get debugExtensions(): boolean {
    return (this.control[4] & CR4.DE) !== 0
  }

  /** Breakpoints may have changed. */
  private arm(): void {
    this.debug.arm(this.debugExtensions)
    this.linear.watchData(this.debug.onData ? this.debug : undefined)
    this.clock.lookUp()
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
    return identify(leaf)
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
    this.spend(this.prices.port)
    this.notePort(port, size)
    return this.bus.in(port, size)
  }

  outPort(port: number, size: Size, value: number): void {
    this.spend(this.prices.port)
    this.notePort(port, size)
    this.bus.out(port, size, size === 32 ? value >>> 0 : value & ((1 << size) - 1))
  }

  private notePort(port: number, size: Size): void {
    if (this.debug.onPorts && this.debug.notePort(port, size / 8)) this.clock.lookUp()
  }

  /** The RESET# pin: before its next step the processor begins anew. */
  requestReset(): void {
    this.activity = "reset"
    this.clock.lookUp()
  }

  /** Begin anew, in real-address mode at F000:FFF0. */
  reset(): void {
    const { misses } = this.linear.tlb
    this.restore({ ...RESET_STATE, tlb: { entries: [], misses } })
    this.tell({ is: "reset" })
  }

  // Snapshots

  save(): CpuState {
    return {
      reg: Array.from(this.reg),
      eip: this.eip,
      flags: this.flags.value,
      segments: this.segments.save(),
      gdtr: { ...this.gdtr },
      idtr: { ...this.idtr },
      control: Array.from(this.control),
      pointers: Array.from(this.pointers),
      debug: this.debug.save(),
      modelSpecific: this.modelSpecific.save(),
      breakpointsMet: this.debug.met,
      activity: this.activity,
      shadow: this.shadow,
      repeatFlags: this.repeatFlags,
      suspended: this.suspended,
      nmi: [this.nmiPending, this.nmiBlocked],
      tlb: this.linear.tlb.save(),
    }
  }

  restore(state: CpuState): void {
    this.reg.set(state.reg)
    this.eip = state.eip
    this.flags.value = state.flags
    this.segments.restore(state.segments)
    Object.assign(this.gdtr, state.gdtr)
    Object.assign(this.idtr, state.idtr)
    this.control.set(state.control)
    this.pointers.set(state.pointers)
    this.debug.restore(state.debug)
    this.modelSpecific.restore(state.modelSpecific)
    this.debug.met = state.breakpointsMet
    this.arm()
    this.activity = state.activity
    this.shadow = state.shadow
    this.repeatFlags = state.repeatFlags
    this.suspended = state.suspended
    ;[this.nmiPending, this.nmiBlocked] = state.nmi
    this.updateMode()
    this.linear.tlb.restore(state.tlb)
  }
}
