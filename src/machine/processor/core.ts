/**
 * What the processor is: its registers, the rules that bind them together, what is told and what is charged. Protection and
 * the delivery of events build on it; what instructions may ask is `Cpu`'s.
 */
import { AC, CHANGEABLE, IF, TF, VM } from "../../isa/eflags"
import type { ExceptionName, Processor, TableRegister, Words } from "../../isa/processor"
import { LinearMemory } from "../address/linear"
import { readPointers, type Tables, tablesOf } from "../address/paging"
import type { Bus } from "../board/bus"
import type { Clock } from "../board/clock"
import type { PriceName } from "../events/costs"
import type { Event, Listener } from "../events/events"
import { Fault } from "../events/fault"
import { type BookedPrice, booked, type Ledger } from "../events/ledger"
import type { CheckedGates } from "./checked-gates"
import { CR0, CR4, changesPaging, checkControl, INITIAL_CR0, stored } from "./control"
import { DataPath } from "./data-path"
import { DebugRegisters } from "./debug"
import { KnownDescriptors } from "./descriptors"
import type { Generation } from "./generations"
import { controlBits } from "./identity"
import { keptFlags } from "./kept-flags"
import { ModelSpecificRegisters } from "./model-specific"
import { resetState } from "./reset"
import type { Activity, CpuState, Shadow } from "./state"

/** The processor, but for what instructions ask of it. */
export abstract class Core extends DataPath implements Partial<Processor> {
  readonly gdtr: TableRegister = { base: 0, limit: 0 }
  readonly idtr: TableRegister = { base: 0, limit: 0 }
  /** Memory by linear addresses: paging and the TLB. */
  readonly linear: LinearMemory
  /** Whether it executes, waits for an interrupt, is lost until a reset, or is being reset. */
  activity: Activity = "running"
  /** What holds interrupts off for one more instruction. */
  shadow: Shadow = "none"
  /** The interrupt controller has a request for us. */
  interruptRequest = false
  /** The step at hand went to a handler: then its single-step trap is lost. */
  enteredHandler = false
  repeatFlags: number | null = null
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
  /** Gates that were checked: the next event goes through them without. */
  abstract readonly checkedGates: CheckedGates
  /** DR0-DR7 and the breakpoints that they make. */
  readonly debug = new DebugRegisters()
  /** What RDMSR reads and WRMSR writes. */
  readonly modelSpecific: ModelSpecificRegisters
  /** The bits of CR4 that exist. */
  private readonly controlBits: number
  private heard: Listener | undefined

  constructor(
    protected readonly bus: Bus,
    protected readonly clock: Clock,
    private readonly ledger: Ledger,
    protected readonly generation: Generation,
  ) {
    super()
    this.prices = booked(generation.costs)
    this.controlBits = controlBits(generation.identity)
    const { walkReference } = this.prices
    this.modelSpecific = new ModelSpecificRegisters(clock)
    this.linear = new LinearMemory(bus, () => this.charge(walkReference))
    this.linear.onBreakpoint = () => this.clock.lookUp()
    bus.onMoved = () => {
      this.linear.tlb.flush(true)
      this.clock.lookUp()
    }
  }

  // What is told

  /** Who hears what happens in processor, memory and bus; undefined: nobody. `Machine.listener` sets it. */
  set listener(listener: Listener | undefined) {
    this.heard = listener
    this.bus.listener = listener
    this.linear.listener = listener
  }

  /** Tell the listener, if there is one. */
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

  /** Tell the listener, if it wants detail. */
  tellDetail(event: Event): void {
    if (this.heard?.detail) this.heard.tell(event)
  }

  notSimulated(what: string): void {
    this.tell({ is: "not simulated", what })
  }

  // What is charged

  charge({ name, cycles, account }: BookedPrice): void {
    this.ledger.addTo(account, cycles)
    this.clock.charge(cycles)
    if (this.detailed) this.tellDetail({ is: "charge", price: name, cycles })
  }

  // Mode and privilege

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

  // Faults

  refusal(name: ExceptionName, errorCode: number | null, says: Words, see: string): Fault {
    return new Fault(name, errorCode, says, see)
  }

  raise(name: ExceptionName, errorCode: number | null, says: Words, see: string): never {
    throw new Fault(name, errorCode, says, see)
  }

  // Flags

  /** Flags from the stack: those that CPL and IOPL forbid silently keep their value, which a listener is told. */
  popFlags(mask: number, popped: number): void {
    const kept = this.detailed ? (popped ^ this.flags.value) & ~mask : 0
    if (kept) for (const says of keptFlags(kept, popped, this)) this.tellDetail({ is: "kept", says })
    this.replaceFlags(mask, popped)
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

  // Interrupts and activity

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

  /** Nothing goes on until a reset or an NMI. */
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

  /** An IRET is executed: NMIs are no longer blocked. */
  endOfNmi(): void {
    this.nmiBlocked = false
    if (this.nmiPending) this.clock.lookUp()
  }

  /** Whether anything that a device asks for could end a halt. An NMI that waits is blocked, or it would have been taken. */
  canBeWoken(): boolean {
    return this.flags.has(IF)
  }

  /** A page fault: CR2 has its address, even if a shutdown comes of it. @see SDM Vol. 3A §6.15 "Interrupt 14—Page-Fault Exception (#PF)" */
  detectPageFault(address: number): void {
    this.control[2] = address
  }

  // Control and debug registers

  readControl(register: number): number {
    return this.control[register]
  }

  writeControl(register: number, value: number): void {
    checkControl(register, value, this.controlBits)
    const old = this.control[register]
    if (changesPaging(register, old, value)) this.loadPointers(register, value)
    this.control[register] = stored(register, value)
    if (register === 3) {
      this.tell({ is: "cr3", from: old >>> 0, to: value >>> 0 })
      // Without PGE a table entry's bit 8 means nothing; each change of PGE has emptied the TLB.
      this.linear.tlb.flush((this.control[4] & CR4.PGE) === 0)
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
      this.charge(this.prices.walkReference)
      return this.linear.space.read(physical, 32)
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

  /** A task switch: breakpoints of the task that is left (L0-L3 of DR7) end. */
  clearLocalBreakpoints(): void {
    this.debug.clearLocal()
    this.arm()
  }

  protected get debugExtensions(): boolean {
    return (this.control[4] & CR4.DE) !== 0
  }

  /** Breakpoints may have changed. */
  protected arm(): void {
    this.debug.arm(this.debugExtensions)
    this.linear.watchData(this.debug.onData ? this.debug : undefined)
    this.clock.lookUp()
  }

  /** The RESET# pin: before its next step the processor begins anew. */
  requestReset(): void {
    this.activity = "reset"
    this.clock.lookUp()
  }

  /** Begin anew, in real-address mode at F000:FFF0. */
  reset(): void {
    const { misses } = this.linear.tlb
    this.restore({ ...resetState(this.generation.identity), tlb: { entries: [], misses } })
    this.tell({ is: "reset" })
  }

  // Snapshots

  /** The registers as plain data of their own. */
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

  /** Put back what `save` gave. */
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
