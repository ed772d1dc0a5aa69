/**
 * A guest's processor on a real one that must not be the guest's: the kernel runs in ring 1, its processes in ring 3, and whatever is
 * privileged comes to the monitor. Between two exits the guest's registers are the real ones; at an exit they are taken over into the
 * virtual machine's own processor, which knows what the guest believes: its ring, IF, control registers, tables.
 *
 * Left out, and interpreted on the virtual machine's processor: real-address and virtual-8086 mode, rings 1 and 2 of the guest's,
 * conforming code, stacks of 16 bits (an IRET to them restores no more than SP), single-stepping, and breakpoints in debug registers.
 */
import { IF, RF, TF } from "../../isa/eflags"
import type { Instruction } from "../../isa/operand"
import type { ExceptionName } from "../../isa/processor"
import { CS, EDX, ESP, LDTR, SS } from "../../isa/registers"
import { inPort, outPort } from "../../isa/semantics/io"
import type { Ring0 } from "../../machine/board/device"
import { READ, WRITE } from "../../machine/board/physical-space"
import { deliver } from "../../machine/delivery/delivery"
import { Fault, VECTORS } from "../../machine/events/fault"
import type { Machine } from "../../machine/machine"
import { BIG } from "../../machine/processor/descriptors"
import type { Exit, ExitOf } from "../exit"
import { look8, look32 } from "../mmu/look"
import type { ShadowPaging } from "../mmu/shadow"
import type { Vcpu } from "../vcpu"
import type { VirtualMachine } from "../virtual-machine"
import { DecodedInstructions } from "./decoded"
import type { DescriptorState, ShadowDescriptors } from "./descriptors"
import { HOST_VECTORS, type House } from "./house"
import { GuestRegisters } from "./registers"

const NAMES = Object.fromEntries(
  Object.entries(VECTORS).map(([name, vector]) => [vector, name as ExceptionName]),
)

/** Steps between an exit's cause and the monitor: the one that came through the gate, and the one that called. */
export const STEPS_OF_EXIT = 2
/** A single-step trap comes after an instruction that is done: in the same step. */
const STEPS_OF_TRAP = 1
const GENERAL_PROTECTION = 13
export const PAGE_FAULT = 14
/** Error code: the index is a vector. */
const IN_IDT = 2
/** Vectors below are exceptions, whose gates push error codes: no INT n may use them. */
const FIRST_FREE_VECTOR = 32
export const DEBUG = 1
const [BREAKPOINT, OVERFLOW] = [3, 4]
/** INT1, INT3 and INTO have instructions of their own. */
const SHORT_INTERRUPTS = [DEBUG, BREAKPOINT, OVERFLOW]
const SHORT_BYTES = 1
export const INT_BYTES = 2

/** What a guest's processor needs kept between two exits, beside the virtual machine's state. Plain data. */
export interface VcpuState {
  /** Steps of the machine when the guest was last entered. */
  readonly entered: number
  readonly descriptors: DescriptorState
}

export class DeprivilegedVcpu implements Vcpu {
  protected entered = 0
  protected readonly registers: GuestRegisters
  private readonly decoded: DecodedInstructions
  protected ring0!: Ring0

  constructor(
    readonly vm: VirtualMachine,
    protected readonly house: House,
    private readonly descriptors: ShadowDescriptors,
    protected readonly paging: ShadowPaging,
  ) {
    this.registers = new GuestRegisters(vm, house, descriptors, paging)
    this.decoded = new DecodedInstructions(vm.machine.engine.blocks.decoder)
  }

  protected get cpu() {
    return this.vm.machine.cpu
  }

  get retired(): number {
    return this.vm.machine.clock.steps
  }

  /** Another guest has had the processor. */
  evict(): void {
    this.registers.evict()
  }

  /** Steps of the machine when the guest was last entered. */
  get enteredAt(): number {
    return this.entered
  }

  /** Put into memory what never changes. */
  furnish(): void {}

  /** A page of the guest's is about to be written, by the guest or for it. */
  wrote(_page: number): void {}

  // Leaving the guest

  /** The guest came to the monitor. @returns why; undefined: a page was missing in the shadow tables, and is there now */
  leave(ring0: Ring0, vector: number): Exit | undefined {
    this.ring0 = ring0
    const { words, errorCode } = this.house.frame()
    const single = vector === DEBUG && (words[2] & TF) !== 0
    const steps = Math.max(0, ring0.steps - this.entered - (single ? STEPS_OF_TRAP : STEPS_OF_EXIT))
    this.registers.takeOver(ring0, words, steps === 0 ? this.cpu.flags.value & RF : 0)
    this.cpu.suspended = vector >= HOST_VECTORS && steps > 0 && (words[2] & RF) !== 0
    this.vm.machine.clock.tick(steps)
    this.cpu.linear.tlb.forget()
    if (vector >= HOST_VECTORS) return { why: "interrupt", at: this.at, vector }
    if (vector === DEBUG) this.takeOverDebugStatus()
    return single ? { why: "exception", at: this.at, vector } : this.faulted(vector, errorCode)
  }

  /** The guest's instruction at EIP came to a gate that is not the machine's own. */
  protected faulted(vector: number, errorCode: number): Exit | undefined {
    if (vector === PAGE_FAULT) return this.pageFault(errorCode)
    if (vector >= FIRST_FREE_VECTOR || SHORT_INTERRUPTS.includes(vector)) return this.systemCall(vector)
    if (vector === VECTORS["#AC"]) return { why: "exception", at: this.at, vector, errorCode }
    if (vector < VECTORS["#TS"] || vector > GENERAL_PROTECTION)
      return { why: "exception", at: this.at, vector }
    return this.protection(vector, errorCode)
  }

  /** Take the guest's registers over in the middle of its run, which goes on. */
  catchUp({ cpu, clock }: Machine): void {
    const { reg, segments, flags } = cpu
    const frame = [cpu.eip, segments.selector[CS], flags.value, reg[ESP], segments.selector[SS]]
    const real = { register: (n: number) => reg[n], selector: (n: number) => segments.selector[n] }
    this.registers.takeOver(real, frame, flags.value & RF)
    this.cpu.shadow = cpu.shadow
    this.cpu.suspended = cpu.suspended
    this.vm.machine.clock.tick(clock.steps - this.entered)
    this.entered = clock.steps
  }

  protected get at(): number {
    return this.cpu.linearOf(CS, this.cpu.eip)
  }

  /** Why there was a debug exception is the guest's to read in DR6. */
  private takeOverDebugStatus(): void {
    const { cpu, ring0 } = this
    cpu.debug.write(6, cpu.debug.read(6) | ring0.debug(6))
    ring0.setDebug(6, 0)
  }

  private pageFault(errorCode: number): Exit | undefined {
    const address = this.ring0.control(2)
    const access = errorCode & 2 ? WRITE : READ
    try {
      const missed = this.paging.fill(address, access, this.cpu.cpl === 3)
      return missed && { why: "mmio", at: this.at, address: missed.device, access }
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault
      return { why: "exception", at: this.at, vector: PAGE_FAULT, errorCode: fault.errorCode ?? 0, address }
    }
  }

  /**
   * INT n has been executed: the guest's processor is put back to it. Where a prefix stands before it, which means nothing there, it is put
   * back behind the prefix: a fault of the guest's own gate then saves an EIP that is a byte too large.
   */
  private systemCall(vector: number): Exit {
    const { cpu } = this
    const short = SHORT_INTERRUPTS.includes(vector) && look8(this.vm.machine, this.at - 1) !== vector
    cpu.eip = (cpu.eip - (short ? SHORT_BYTES : INT_BYTES)) | 0
    return { why: "system call", at: this.at, vector }
  }

  /** #TS, #NP, #SS or #GP: the guest may not do what it tried, or a shadow is missing. */
  private protection(vector: number, errorCode: number): Exit {
    if (errorCode & IN_IDT) return this.closedGate(errorCode >>> 3)
    if (errorCode >>> 3) this.descriptors.fill(errorCode & 0xfffc)
    const instruction = this.decode()
    if (!instruction) return { why: "exception", at: this.at, vector, errorCode }
    const { does } = instruction.row
    if (does === outPort || does === inPort) return this.port(instruction)
    return { why: "instruction", at: this.at, instruction }
  }

  /** The instruction at EIP; undefined: it cannot be read, is none, or does not lie within its segment. */
  protected decode(): Instruction | undefined {
    const { eip, segments } = this.cpu
    const instruction = this.decoded.at(this.ring0, this.at, segments.access[CS] & BIG ? 32 : 16)
    const isInside = instruction && (eip >>> 0) + instruction.length - 1 <= segments.limit[CS]
    return isInside ? instruction : undefined
  }

  private port(instruction: Instruction): Exit {
    const { cpu, at } = this
    const [first, second] = instruction.operands
    const isOut = instruction.row.does === outPort
    const [data, place] = isOut ? [second, first] : [first, second]
    const port = place.kind === "register" ? cpu.reg[EDX] & 0xffff : place.value & 0xff
    if (cpu.requirePort(port, data.size)) return { why: "instruction", at, instruction }
    this.done(instruction)
    if (!isOut) return { why: "io-in", at, port, size: data.size }
    return {
      why: "io-out",
      at,
      port,
      size: data.size,
      value: cpu.getRegister(data.register, data.size) >>> 0,
    }
  }

  private done({ length }: Instruction): void {
    const { cpu } = this
    cpu.eip = (cpu.eip + length) | 0
    cpu.flags.value &= ~RF
    this.vm.machine.clock.tick()
  }

  /** INT n of a vector whose gate is not open to ring 3, or not yet: the guest's own gate decides. */
  private closedGate(vector: number): Exit {
    this.openGate(vector)
    return { why: "system call", at: this.at, vector }
  }

  /** Let INT n of a vector come directly, if the guest's own gate lets ring 3 ask for it. Whether it may is asked again each time. */
  private openGate(vector: number): void {
    const { idtr } = this.cpu
    const free =
      (vector >= FIRST_FREE_VECTOR && vector < HOST_VECTORS) || vector === BREAKPOINT || vector === OVERFLOW
    if (!free || 8 * vector + 7 > idtr.limit) return
    const high = look32(this.vm.machine, idtr.base + 8 * vector + 4) ?? 0
    if (((high >> 13) & 3) === 3) this.house.setGate(vector, 3)
  }

  // What a monitor's loop does for the guest

  reflect(exit: ExitOf<"exception"> | ExitOf<"system call">): void {
    if (exit.why === "system call") this.emulate(exit)
    else this.act(() => this.raise(exit))
  }

  private raise({ vector, errorCode, address }: ExitOf<"exception">): void {
    // A single-step trap comes after a step that was counted.
    if (vector !== DEBUG) this.vm.machine.clock.tick()
    const says = "the monitor hands it on to the guest's own handler"
    deliver(this.cpu, new Fault(NAMES[vector], errorCode ?? null, says, "", address))
  }

  emulate(exit: Exit): void {
    const isKnown = exit.why === "instruction" && exit.at === this.at
    const instruction = isKnown ? exit.instruction : this.decode()
    if (instruction) this.act(() => this.vm.machine.engine.perform(instruction))
    else this.step()
  }

  answer({ size }: ExitOf<"io-in">, value: number): void {
    this.cpu.setRegister(0, size, value)
  }

  /** Have the virtual machine's own processor make a step. */
  step(): void {
    this.act(() => void this.vm.machine.engine.run(1))
  }

  /** Do something that may load other descriptor tables: then no shadow is one of theirs. */
  private act(something: () => void): void {
    const { gdtr, segments } = this.cpu
    const [base, limit] = [gdtr.base, gdtr.limit]
    const [local, localLimit, localAccess] = [
      segments.base[LDTR],
      segments.limit[LDTR],
      segments.access[LDTR],
    ]
    something()
    const sameLocal =
      segments.base[LDTR] === local &&
      segments.limit[LDTR] === localLimit &&
      segments.access[LDTR] === localAccess
    if (!sameLocal || gdtr.base !== base || gdtr.limit !== limit) this.paging.unwatch()
  }

  // Entering the guest

  /** Whether the guest's next step may be left to the real processor. */
  get runsDirectly(): boolean {
    return this.registers.canRun
  }

  /** Whether an event waits that the guest's processor would take before its next instruction, or soon. After a shutdown it takes none. */
  get hasEvent(): boolean {
    const { cpu } = this
    const listens = cpu.activity === "running" || cpu.activity === "halted"
    return listens && cpu.interruptRequest && cpu.flags.has(IF)
  }

  /** Let the guest run on the real processor, from the next step on. */
  enter(ring0: Ring0): void {
    this.registers.enter(ring0)
    this.entered = ring0.steps
  }

  // Snapshots

  save(): VcpuState {
    return { entered: this.entered, descriptors: this.descriptors.save() }
  }

  restore({ entered, descriptors }: VcpuState): void {
    this.entered = entered
    this.descriptors.restore(descriptors)
    this.registers.restored()
  }
}
