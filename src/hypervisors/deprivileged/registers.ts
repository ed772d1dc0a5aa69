/**
 * The guest's registers in the real processor, and out of it. The kernel has ring 1 for ring 0, IF is always set, and a segment is loaded
 * from a shadow of the descriptor that the guest's own register holds.
 */
import { IF, IOPL, RF, TF, VM } from "../../isa/eflags"
import { CS, DS, ES, ESP, FS, GS, SS } from "../../isa/registers"
import type { Ring0 } from "../../machine/board/device"
import { CR0, CR4 } from "../../machine/processor/control"
import { BIG, dpl, isConforming, UNUSABLE } from "../../machine/processor/descriptors"
import type { ShadowPaging } from "../mmu/shadow"
import type { VirtualMachine } from "../virtual-machine"
import type { ShadowDescriptors } from "./descriptors"
import { type House, TOP } from "./house"

const DATA_SEGMENTS = [DS, ES, FS, GS]
/** Those that translated code has of the guest's. */
const TRANSLATED_SEGMENTS = [DS, ES, FS]
/** A selector that no register holds. */
const NOBODYS = -1
/** The ring that the guest's kernel has. */
const KERNEL_RING = 1
/** Flags that the real processor must not have as the guest wishes. */
const OWN_FLAGS = IF | IOPL
/** CR0 as the guest has it, but for what the monitor needs: protection, paging, and that read-only means it. */
const GUEST_CR0 = CR0.MP | CR0.EM | CR0.TS | CR0.NE | CR0.AM
const MONITOR_CR0 = CR0.PE | CR0.PG | CR0.WP | CR0.ET

/** Code of the monitor's own making that runs in the guest's place, in ring 1. */
export interface Translated {
  readonly eip: number
  /** Selectors of its CS and of its GS. */
  readonly code: number
  readonly data: number
  /** Whether the monitor wants the processor back after an instruction of it. */
  readonly single: boolean
}

export class GuestRegisters {
  /** The segment registers as the real processor holds them, in the guest's terms. */
  private readonly held = new Int32Array(40)
  /** Another guest's segments are in the registers. */
  private foreign = true
  private ring0!: Ring0

  constructor(
    private readonly vm: VirtualMachine,
    private readonly house: House,
    private readonly descriptors: ShadowDescriptors,
    private readonly paging: ShadowPaging,
  ) {}

  private get cpu() {
    return this.vm.machine.cpu
  }

  /** Another guest has had the processor. */
  evict(): void {
    this.foreign = true
  }

  /** The guest's registers are the virtual machine's again. What a fault saved as RF is not what RF was. */
  takeOver(
    real: Pick<Ring0, "register" | "selector">,
    [eip, cs, flags, esp, ss]: readonly number[],
    resume: number,
  ): void {
    this.adoptAll(real, [eip, flags, esp], resume)
    for (const register of DATA_SEGMENTS) this.adopt(register, real.selector(register))
    this.adopt(CS, guestSelector(cs))
    this.adopt(SS, guestSelector(ss))
    this.hold()
  }

  /** The same from code of the monitor's own making, which has the guest's segments but for CS and GS. */
  takeOverTranslated(
    real: Pick<Ring0, "register" | "selector">,
    [eip, , flags, esp, ss]: readonly number[],
  ): void {
    this.adoptAll(real, [eip, flags, esp], 0)
    for (const register of TRANSLATED_SEGMENTS) this.adopt(register, real.selector(register))
    this.adopt(SS, guestSelector(ss))
    this.hold()
    this.lose()
  }

  /** The real CS and GS are the monitor's. */
  lose(): void {
    this.held[GS] = this.held[CS] = NOBODYS
  }

  private adoptAll(
    real: Pick<Ring0, "register">,
    [eip, flags, esp]: readonly number[],
    resume: number,
  ): void {
    const { cpu } = this
    for (let n = 0; n < 8; n++) cpu.reg[n] = n === ESP ? esp : real.register(n)
    cpu.eip = eip
    cpu.flags.value = (flags & ~OWN_FLAGS & ~RF) | (cpu.flags.value & OWN_FLAGS) | resume
    cpu.shadow = "none"
  }

  private hold(): void {
    this.held.set(this.cpu.segments.fields)
    this.foreign = false
  }

  /** The guest may have loaded another segment by itself. */
  private adopt(register: number, selector: number): void {
    const { cpu } = this
    if (cpu.segments.selector[register] === (selector & 0xffff)) return
    cpu.segments.set(register, selector, this.descriptors.segmentOf(selector))
  }

  /** Whether the guest's next step may be left to the real processor. */
  get canRun(): boolean {
    const { cpu } = this
    return (
      cpu.activity === "running" &&
      cpu.protectedMode &&
      !(cpu.flags.value & (VM | TF)) &&
      (cpu.cpl === 0 || cpu.cpl === 3) &&
      !cpu.debug.isArmed &&
      this.canReturn &&
      (this.isUnmoved || this.canHaveSegments)
    )
  }

  /** Whether the real processor can have the guest's segments while it runs. */
  private get canHaveSegments(): boolean {
    const { cpl, segments } = this.cpu
    return (
      (segments.access[SS] & BIG) !== 0 &&
      (cpl === 0 || DATA_SEGMENTS.every((register) => outlastsIret(segments.access[register]))) &&
      DATA_SEGMENTS.every((register) => this.isExpressible(register))
    )
  }

  /** The guest has the segments with which it came out of the processor. */
  private get isUnmoved(): boolean {
    if (this.foreign) return false
    const { fields } = this.cpu.segments
    for (let n = 0; n < fields.length; n++) if (fields[n] !== this.held[n]) return false
    return true
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

  /** The guest goes on: its registers are the real ones, and IRET leads to it, or to a translation of what it would execute. */
  enter(ring0: Ring0, translated?: Translated): void {
    this.ring0 = ring0
    const { cpu } = this
    cpu.shadow = "none"
    this.descriptors.hideUserCode()
    this.putControls()
    const temporary: number[] = []
    const own = translated ? TRANSLATED_SEGMENTS : DATA_SEGMENTS
    for (const register of own) if (this.foreign || this.differs(register)) this.load(register)
    if (translated) this.loadOwn(GS, translated.data)
    for (const register of translated ? [SS] : [CS, SS])
      if (!this.show(register)) temporary.push(cpu.segments.selector[register])
    if (this.paging.stale) this.putTables()
    for (let n = 0; n < 8; n++)
      if (n !== ESP && ring0.register(n) !== cpu.reg[n]) ring0.setRegister(n, cpu.reg[n])
    this.house.putFrame(ring0, this.frame(translated))
    ring0.interruptReturn()
    for (const selector of temporary) this.descriptors.forget(selector)
  }

  private loadOwn(register: number, selector: number): void {
    if (this.ring0.selector(register) !== selector) this.ring0.loadSegment(register, selector)
  }

  private frame(translated: Translated | undefined): readonly number[] {
    const { cpu } = this
    const { selector } = cpu.segments
    const ring = cpu.cpl === 0 ? KERNEL_RING : 3
    const flags = (cpu.flags.value & ~OWN_FLAGS) | IF | (translated?.single ? TF : 0)
    const [eip, code] = translated ? [translated.eip, translated.code] : [cpu.eip, selector[CS]]
    return [eip, (code & ~3) | ring, flags, cpu.reg[ESP], (selector[SS] & ~3) | ring]
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
    const { segments } = this.cpu
    return this.descriptors.putRegister(segments.selector[register], segments.cache(register))
  }

  private putControls(): void {
    const { cpu, ring0 } = this
    const cr0 = (cpu.readControl(0) & GUEST_CR0) | MONITOR_CR0
    if (ring0.control(0) !== cr0) ring0.setControl(0, cr0)
    const cr4 = (cpu.readControl(4) & CR4.UMIP) | CR4.TSD
    if (ring0.control(4) !== cr4) ring0.setControl(4, cr4)
    this.putTables()
  }

  private putTables(): void {
    const { ring0, paging } = this
    const { root } = paging
    if (paging.stale || ring0.control(3) >>> 0 !== root) ring0.setControl(3, root)
    else for (const linear of paging.dropped) ring0.invalidate(linear)
    paging.stale = false
    if (paging.dropped.length > 0) paging.dropped.length = 0
  }

  /** The guest's state was put back, and so was the real processor's: it holds what the guest does. */
  restored(): void {
    this.held.set(this.cpu.segments.fields)
    this.foreign = false
  }
}

/** Whether an IRET to ring 3 leaves a data segment in its register. SYSEXIT leaves all. @see SDM Vol. 2A "IRET/IRETD/IRETQ" */
const outlastsIret = (access: number) =>
  (access & UNUSABLE) !== 0 || dpl(access) === 3 || isConforming(access)

/** Ring 1 in CS and SS is what the monitor made of ring 0. */
const guestSelector = (selector: number) =>
  (selector & 3) === KERNEL_RING ? selector & 0xfffc : selector & 0xffff
