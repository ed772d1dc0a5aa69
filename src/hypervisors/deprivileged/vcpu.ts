/**
 * A guest's processor on a real one that must not be the guest's: the kernel runs in ring 1, its processes in ring 3, and whatever is
 * privileged comes to the monitor. Between two exits the guest's registers are the real ones; at an exit they are taken over into the
 * virtual machine's own processor, which knows what the guest believes: its ring, IF, control registers, tables.
 *
 * Left out, and interpreted on the virtual machine's processor: real-address and virtual-8086 mode, rings 1 and 2 of the guest's,
 * conforming code, single-stepping, and breakpoints in debug registers.
 */
import { decode, isInstruction } from "../../isa/decode"
import { IF, IOPL, RF, TF, VM } from "../../isa/eflags"
import type { Instruction } from "../../isa/operand"
import type { ExceptionName } from "../../isa/processor"
import { CS, DS, EDX, ES, ESP, FS, GS, SS } from "../../isa/registers"
import { inPort, outPort } from "../../isa/semantics/io"
import type { Ring0 } from "../../machine/board/device"
import { READ, WRITE } from "../../machine/board/physical-space"
import { deliver } from "../../machine/delivery/delivery"
import { Fault, VECTORS } from "../../machine/events/fault"
import { CR0, CR4 } from "../../machine/processor/control"
import { BIG } from "../../machine/processor/descriptors"
import type { Exit, ExitOf } from "../exit"
import { look8, look32 } from "../mmu/look"
import type { ShadowPaging } from "../mmu/shadow"
import type { Vcpu } from "../vcpu"
import type { VirtualMachine } from "../virtual-machine"
import type { ShadowDescriptors } from "./descriptors"
import { HOST_VECTORS, type House, TOP } from "./house"

const DATA_SEGMENTS = [DS, ES, FS, GS]
/** The ring that the guest's kernel has. */
const KERNEL_RING = 1
/** Flags that the real processor must not have as the guest wishes. */
const OWN_FLAGS = IF | IOPL
/** CR0 as the guest has it, but for what the monitor needs: protection, paging, and that read-only means it. */
const GUEST_CR0 = CR0.MP | CR0.EM | CR0.TS | CR0.NE | CR0.AM
const MONITOR_CR0 = CR0.PE | CR0.PG | CR0.WP | CR0.ET
const NAMES = Object.fromEntries(
  Object.entries(VECTORS).map(([name, vector]) => [vector, name as ExceptionName]),
)

/** Steps between an exit's cause and the monitor: the one that came through the gate, and the one that called. */
const STEPS_OF_EXIT = 2
const GENERAL_PROTECTION = 13
const PAGE_FAULT = 14
/** Error code: the index is a vector. */
const IN_IDT = 2
/** Vectors below are exceptions, whose gates push error codes: no INT n may use them. */
const FIRST_FREE_VECTOR = 32
const [BREAKPOINT, OVERFLOW] = [3, 4]
const INT3_BYTES = 1
const INT_BYTES = 2

/** What a guest's processor needs kept between two exits, beside the virtual machine's state. Plain data. */
export interface VcpuState {
  /** Steps of the machine when the guest was last entered. */
  readonly entered: number
  /** Selectors of processes' code that the shadow tables show at present. */
  readonly userCode: readonly number[]
  /** Selectors that have a shadow. */
  readonly shown: readonly number[]
}

export class DeprivilegedVcpu implements Vcpu {
  private entered = 0
  private userCode: number[] = []
  /** The segment registers as the real processor holds them, in the guest's terms. */
  private readonly held = new Int32Array(40)
  /** Another guest's segments are in the registers. */
  private foreign = true
  private ring0!: Ring0

  constructor(
    readonly vm: VirtualMachine,
    private readonly house: House,
    private readonly descriptors: ShadowDescriptors,
    private readonly paging: ShadowPaging,
  ) {}

  private get cpu() {
    return this.vm.machine.cpu
  }

  get retired(): number {
    return this.vm.machine.clock.steps
  }

  /** Another guest has had the processor. */
  evict(): void {
    this.foreign = true
  }

  /** Steps of the machine when the guest was last entered. */
  get enteredAt(): number {
    return this.entered
  }

  // Leaving the guest

  /** The guest came to the monitor. @returns why; undefined: a page was missing in the shadow tables, and is there now */
  leave(ring0: Ring0, vector: number): Exit | undefined {
    this.ring0 = ring0
    const { words, errorCode } = this.house.frame()
    this.takeOver(words)
    this.vm.machine.clock.tick(Math.max(0, ring0.steps - this.entered - STEPS_OF_EXIT))
    this.cpu.linear.tlb.forget()
    if (vector >= HOST_VECTORS) return { why: "interrupt", at: this.at, vector }
    if (vector === PAGE_FAULT) return this.pageFault(errorCode)
    if (vector >= FIRST_FREE_VECTOR || vector === BREAKPOINT || vector === OVERFLOW)
      return this.systemCall(vector)
    if (vector === VECTORS["#DB"]) this.takeOverDebugStatus()
    if (vector === VECTORS["#AC"]) return { why: "exception", at: this.at, vector, errorCode }
    if (vector < VECTORS["#TS"] || vector > GENERAL_PROTECTION)
      return { why: "exception", at: this.at, vector }
    return this.protection(vector, errorCode)
  }

  private get at(): number {
    return this.cpu.linearOf(CS, this.cpu.eip)
  }

  /** The guest's registers are the virtual machine's again. */
  private takeOver([eip, cs, flags, esp, ss]: readonly number[]): void {
    const { cpu, ring0 } = this
    for (let n = 0; n < 8; n++) cpu.reg[n] = n === ESP ? esp : ring0.register(n)
    cpu.eip = eip
    cpu.flags.value = (flags & ~OWN_FLAGS & ~RF) | (cpu.flags.value & OWN_FLAGS)
    for (const register of DATA_SEGMENTS) this.adopt(register, ring0.selector(register))
    this.adopt(CS, guestSelector(cs))
    this.adopt(SS, guestSelector(ss))
    this.held.set(cpu.segments.fields)
    this.foreign = false
  }

  /** The guest may have loaded another segment by itself. */
  private adopt(register: number, selector: number): void {
    const { cpu } = this
    if (cpu.segments.selector[register] === (selector & 0xffff)) return
    cpu.segments.set(register, selector, this.descriptors.segmentOf(selector))
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

  /** INT n has been executed: the guest's processor is put back to it. */
  private systemCall(vector: number): Exit {
    const { cpu } = this
    const short = vector === BREAKPOINT || vector === OVERFLOW
    const last = look8(this.vm.machine, this.at - 1)
    cpu.eip = (cpu.eip - (short && last !== vector ? INT3_BYTES : INT_BYTES)) | 0
    return { why: "system call", at: this.at, vector }
  }

  /** #TS, #NP, #SS or #GP: the guest may not do what it tried, or a shadow is missing. */
  private protection(vector: number, errorCode: number): Exit {
    if (errorCode & IN_IDT) this.openGate(errorCode >>> 3)
    else if (errorCode >>> 3 && this.descriptors.fill(errorCode & 0xfffc))
      this.userCode.push(errorCode & 0xfffc)
    const instruction = this.decode()
    if (!instruction) return { why: "exception", at: this.at, vector, errorCode }
    const { does } = instruction.row
    if (does === outPort || does === inPort) return this.port(instruction)
    return { why: "instruction", at: this.at, instruction }
  }

  /** The instruction at EIP; undefined: it cannot be read, or is none. */
  private decode(): Instruction | undefined {
    const { machine } = this.vm
    let at = this.at
    let missing = false
    const decoded = decode(
      () => {
        const byte = look8(machine, at++)
        missing ||= byte === undefined
        return byte ?? 0
      },
      machine.cpu.segments.access[CS] & BIG ? 32 : 16,
    )
    return isInstruction(decoded) && !missing ? decoded : undefined
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
    this.cpu.eip = (this.cpu.eip + length) | 0
    this.vm.machine.clock.tick()
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
    if (exit.why === "system call") this.step()
    else {
      const { vector, errorCode = null, address } = exit
      this.vm.machine.clock.tick()
      const says = "the monitor hands it on to the guest's own handler"
      const fault = new Fault(NAMES[vector], vector >= 10 ? errorCode : null, says, "", address)
      this.descriptors.follow(() => deliver(this.cpu, fault))
    }
  }

  emulate(): void {
    this.step()
  }

  answer({ size }: ExitOf<"io-in">, value: number): void {
    this.cpu.setRegister(0, size, value)
  }

  /** Have the virtual machine's own processor make a step. */
  step(): void {
    this.descriptors.follow(() => void this.vm.machine.engine.run(1))
  }

  // Entering the guest

  /** Whether the guest's next step may be left to the real processor. */
  get runsDirectly(): boolean {
    const { cpu } = this
    return (
      cpu.activity === "running" &&
      cpu.protectedMode &&
      !(cpu.flags.value & (VM | TF)) &&
      (cpu.cpl === 0 || cpu.cpl === 3) &&
      !(cpu.debug.onExecution || cpu.debug.onData || cpu.debug.onPorts) &&
      this.canReturn &&
      DATA_SEGMENTS.every((register) => this.isExpressible(register))
    )
  }

  /** Whether IRET can go to the guest. It can go back to where it came from, if that is not the monitor's. */
  private get canReturn(): boolean {
    const { cpu } = this
    const same = !this.foreign && !this.differs(CS) && !this.differs(SS)
    if (same && cpu.segments.base[CS] === 0 && cpu.segments.limit[CS] >= TOP && cpu.eip >>> 0 <= TOP)
      return true
    return this.descriptors.canReturn(cpu)
  }

  /** Whether the real processor can hold a segment of the guest's; what it held before, it can. */
  private isExpressible(register: number): boolean {
    if (!this.foreign && !this.differs(register)) return true
    const { segments } = this.cpu
    return this.descriptors.isExpressible(segments.selector[register], segments.cache(register))
  }

  /** Whether an event waits that the guest's processor would take before its next instruction, or soon. After a shutdown it takes none. */
  get hasEvent(): boolean {
    const { cpu } = this
    const listens = cpu.activity === "running" || cpu.activity === "halted"
    return listens && cpu.interruptRequest && cpu.flags.has(IF)
  }

  enter(ring0: Ring0): void {
    this.ring0 = ring0
    const { cpu } = this
    cpu.shadow = "none"
    this.hideUserCode()
    this.putControls()
    const temporary: number[] = []
    for (const register of DATA_SEGMENTS) if (this.foreign || this.differs(register)) this.load(register)
    for (const register of [CS, SS]) if (!this.show(register)) temporary.push(cpu.segments.selector[register])
    for (let n = 0; n < 8; n++)
      if (n !== ESP && ring0.register(n) !== cpu.reg[n]) ring0.setRegister(n, cpu.reg[n])
    this.house.putFrame(ring0, this.frame())
    ring0.interruptReturn()
    for (const selector of temporary) this.descriptors.forget(selector)
    this.entered = ring0.steps
  }

  private frame(): readonly number[] {
    const { cpu } = this
    const { selector } = cpu.segments
    const ring = cpu.cpl === 0 ? KERNEL_RING : 3
    const flags = (cpu.flags.value & ~OWN_FLAGS) | IF
    return [cpu.eip, (selector[CS] & ~3) | ring, flags, cpu.reg[ESP], (selector[SS] & ~3) | ring]
  }

  private differs(register: number): boolean {
    const { fields } = this.cpu.segments
    for (let field = register; field < 32; field += 8) if (fields[field] !== this.held[field]) return true
    return false
  }

  /** Load a data segment: by the selector that the guest sees, even if its table says something else by now. */
  private load(register: number): void {
    const { segments } = this.cpu
    const selector = segments.selector[register]
    if ((selector & ~3) === 0) {
      this.ring0.loadSegment(register, selector)
      return
    }
    const lasts = this.descriptors.putRegister(selector, segments.cache(register))
    this.ring0.loadSegment(register, selector)
    if (!lasts) this.descriptors.forget(selector)
  }

  /** Have IRET find a segment. @returns whether its descriptor may stay */
  private show(register: number): boolean {
    const { segments, cpl } = this.cpu
    const selector = segments.selector[register]
    const lasts = this.descriptors.putRegister(selector, segments.cache(register))
    if (lasts && register === CS && cpl === 3) this.userCode.push(selector)
    return lasts
  }

  /** While the guest's kernel runs, no code of its processes is there: an IRET to it comes to the monitor. */
  private hideUserCode(): void {
    for (const selector of this.userCode) this.descriptors.forget(selector)
    this.userCode = []
  }

  private putControls(): void {
    const { cpu, ring0, paging } = this
    const cr0 = (cpu.readControl(0) & GUEST_CR0) | MONITOR_CR0
    if (ring0.control(0) !== cr0) ring0.setControl(0, cr0)
    const cr4 = (cpu.readControl(4) & CR4.UMIP) | CR4.TSD
    if (ring0.control(4) !== cr4) ring0.setControl(4, cr4)
    const { root } = paging
    if (paging.stale || ring0.control(3) >>> 0 !== root) ring0.setControl(3, root)
    else for (const linear of paging.dropped) ring0.invalidate(linear)
    paging.stale = false
    paging.dropped.length = 0
  }

  // Snapshots

  save(): VcpuState {
    return { entered: this.entered, userCode: [...this.userCode], shown: this.descriptors.save() }
  }

  restore({ entered, userCode, shown }: VcpuState): void {
    this.descriptors.restore(shown)
    this.entered = entered
    this.userCode = [...userCode]
    this.held.set(this.cpu.segments.fields)
    this.foreign = false
  }
}

/** Ring 1 in CS and SS is what the monitor made of ring 0. */
const guestSelector = (selector: number) =>
  (selector & 3) === KERNEL_RING ? selector & 0xfffc : selector & 0xffff
