/**
 * A guest's processor whose kernel code is translated and whose processes run directly. Leaving translated code is finding out where the
 * guest is: the cache's map says which instruction of the guest's a place stands for, and whether its registers lie in the cells.
 *
 *     process (ring 3)                 direct, as under trap-and-emulate
 *     kernel (ring 0, flat segments)   translated, in ring 1
 *     all else                         interpreted on the virtual machine's processor
 *
 * The machine's own interrupts come anywhere. Between two instructions of the guest's it can be given to somebody else, or have an
 * interrupt of its own; within a sequence it first goes on, instruction by instruction, to its end.
 */

import { isInstruction } from "../../isa/decode"
import { IF, IOPL, NT, TF } from "../../isa/eflags"
import type { Instruction } from "../../isa/operand"
import { CS, EAX, ECX, ESP, SS } from "../../isa/registers"
import type { Ring0 } from "../../machine/board/device"
import { PAGE_MASK, PAGE_SHIFT } from "../../machine/board/memory"
import { READ } from "../../machine/board/physical-space"
import { Fault } from "../../machine/events/fault"
import type { Machine } from "../../machine/machine"
import type { ShadowDescriptors } from "../deprivileged/descriptors"
import { HOST_VECTORS, type House } from "../deprivileged/house"
import {
  DEBUG,
  DeprivilegedVcpu,
  INT_BYTES,
  PAGE_FAULT,
  STEPS_OF_EXIT,
  type VcpuState,
} from "../deprivileged/vcpu"
import type { Exit } from "../exit"
import { isMarked, look8, lookUp } from "../mmu/look"
import type { ShadowPaging } from "../mmu/shadow"
import type { VirtualMachine } from "../virtual-machine"
import { type CacheState, type Position, TranslationCache } from "./cache"
import { CELL, OFF } from "./cells"
import type { Placed } from "./map"
import { CACHE, TRANSLATED_CODE, TRANSLATED_DATA, TranslationPlace } from "./place"
import { CALL_OUT } from "./sequences"
import { translate } from "./translate"

const WHOLE = 0xffff_ffff

/** What is kept beside the machine's memory, plain data. */
export interface TranslatingState extends VcpuState {
  readonly within: number | undefined
  readonly came: Came
  readonly unseen: boolean
  readonly written: readonly number[]
  readonly traced: readonly number[]
  readonly cache: CacheState
}

/** The way that translated code came to the monitor by, which can lead straight on the next time: a unit's offset and its exit's number. */
type Came = readonly [unit: number, exit: number] | "computed" | undefined

export class TranslatingVcpu extends DeprivilegedVcpu {
  readonly cache: TranslationCache
  /** Where in a sequence the processor was; undefined: between two instructions of the guest's. */
  private within: number | undefined
  private came: Came
  /** Bytes of the guest's instruction at hand as they were translated; empty: it is none that was. */
  private source: readonly number[] = []
  /** Linear addresses may lead elsewhere than when the cache was last looked through. */
  private unseen = true
  /** The guest's physical pages with translated code that were written. */
  private written = new Set<number>()

  constructor(
    vm: VirtualMachine,
    house: House,
    descriptors: ShadowDescriptors,
    paging: ShadowPaging,
    private readonly place: TranslationPlace,
    /** Instructions of a unit at most. */
    private readonly length: number,
  ) {
    super(vm, house, descriptors, paging)
    this.cache = new TranslationCache(place.cache, place.cells, CACHE, place.pages << PAGE_SHIFT)
    paging.onFlush = () => {
      this.unseen = true
    }
  }

  override furnish(): void {
    this.place.furnish()
    this.cache.empty()
    this.house.setGate(CALL_OUT, 1)
  }

  override wrote(page: number): void {
    this.written.add(page)
  }

  // Leaving

  override leave(ring0: Ring0, vector: number): Exit | undefined {
    const { words, errorCode } = this.house.frame()
    this.source = []
    if ((words[1] & 0xfffc) !== (TRANSLATED_CODE & 0xfffc)) return super.leave(ring0, vector)
    this.ring0 = ring0
    const eip = words[0] - (vector === CALL_OUT ? INT_BYTES : 0)
    const position = this.cache.positionOf(eip)
    this.vm.machine.clock.tick(Math.max(0, ring0.steps - this.entered - STEPS_OF_EXIT))
    this.takeOver(ring0, words, position)
    if (vector === CALL_OUT) return this.called(position)
    if (vector >= HOST_VECTORS || vector === DEBUG) return this.interrupted(vector, words[0], position)
    if (position.is === "within") this.fetchSpilled(position.spills)
    const isOurs = vector === PAGE_FAULT && TranslationPlace.isCell(ring0.control(2))
    return isOurs ? this.instruction() : this.faulted(vector, errorCode)
  }

  private takeOver(
    real: Pick<Ring0, "register" | "selector">,
    words: readonly number[],
    position: Position,
  ): void {
    const { cpu } = this
    this.registers.takeOverTranslated(real, words)
    if ("eip" in position) cpu.eip = position.eip
    this.source = "source" in position ? position.source : []
    const isOff = this.place.cells.get(CELL.interrupts) !== 0
    cpu.flags.value = (cpu.flags.value & ~(IF | TF)) | (isOff ? 0 : IF)
    cpu.linear.tlb.forget()
  }

  private fetchSpilled(spills: readonly ("eax" | "ecx")[]): void {
    const { reg } = this.cpu
    if (spills.includes("eax")) reg[EAX] = this.place.cells.get(CELL.eax)
    if (spills.includes("ecx")) reg[ECX] = this.place.cells.get(CELL.ecx)
  }

  /** Translated code made a call-out: for an instruction, or since it does not know how it goes on. */
  private called(position: Position): Exit {
    if (position.is === "exit") this.came = [position.unit.at, position.unit.exits.indexOf(position.exit)]
    else if (position.is === "computed") {
      this.cpu.eip = this.place.cells.get(CELL.target)
      this.came = "computed"
    } else return this.instruction()
    return { why: "translation", at: this.at }
  }

  private instruction(): Exit {
    return { why: "instruction", at: this.at, instruction: this.decode() as Instruction }
  }

  /** The machine's own interrupt, or the step that was wished. */
  private interrupted(vector: number, eip: number, position: Position): Exit | undefined {
    const isBetween = position.is === "boundary" && !position.afterSti
    this.within = isBetween ? undefined : eip
    return vector === DEBUG ? undefined : { why: "interrupt", at: this.at, vector }
  }

  override catchUp(machine: Machine): void {
    const { reg, segments, flags, eip } = machine.cpu
    if (!this.cache.holds(eip)) {
      super.catchUp(machine)
      return
    }
    const position = this.cache.positionOf(eip)
    if (position.is !== "boundary" || position.afterSti)
      throw new RangeError(
        `${this.vm.name} is between two instructions of its own: run the machine one more step, then save it`,
      )
    const real = { register: (n: number) => reg[n], selector: (n: number) => segments.selector[n] }
    const words = [eip, segments.selector[CS], flags.value, reg[ESP], segments.selector[SS]]
    this.takeOver(real, words, position)
    this.vm.machine.clock.tick(machine.clock.steps - this.entered)
    this.entered = machine.clock.steps
  }

  /** The instruction that was translated, whatever is in the guest's memory by now. */
  protected override decode(): Instruction | undefined {
    const { source } = this
    if (source.length === 0) return super.decode()
    let n = 0
    const decoded = this.vm.machine.engine.blocks.decoder(() => source[n++] ?? 0, 32)
    return isInstruction(decoded) ? decoded : undefined
  }

  // Entering

  override get hasEvent(): boolean {
    return this.within === undefined && super.hasEvent
  }

  override get runsDirectly(): boolean {
    if (this.within !== undefined) return true
    if (!super.runsDirectly) return false
    return this.cpu.cpl === 3 || (this.isFlat && this.unitHere() !== undefined)
  }

  private get isFlat(): boolean {
    const { segments, flags } = this.cpu
    return segments.base[CS] === 0 && segments.limit[CS] === WHOLE && !(flags.value & (IOPL | NT))
  }

  override enter(ring0: Ring0): void {
    if (this.cpu.cpl === 3) {
      super.enter(ring0)
      return
    }
    const eip = this.within ?? this.wayTo(this.unitHere() as Placed)
    const { cells } = this.place
    const { cpu } = this
    const interrupts = cpu.flags.has(IF) ? 0 : OFF
    if (cells.get(CELL.interrupts) !== interrupts) cells.set(CELL.interrupts, interrupts)
    this.place.letSetIf(ring0, !cpu.interruptRequest)
    const single = this.within !== undefined
    this.registers.enter(ring0, { eip, code: TRANSLATED_CODE, data: TRANSLATED_DATA, single })
    this.registers.lose()
    this.entered = ring0.steps
  }

  /** Where a unit's code is. Whoever came to the monitor on the way to it finds it alone the next time. */
  private wayTo(unit: Placed): number {
    const { came, cache } = this
    this.came = undefined
    if (came === "computed") cache.remember(unit)
    else if (came) this.chain(came, unit)
    return cache.addressOf(unit)
  }

  /** The unit that was left may have been dropped since, and the guest may be elsewhere. */
  private chain([at, number]: readonly [unit: number, exit: number], to: Placed): void {
    const from = this.cache.unitFrom(at)
    const exit = from?.exits[number]
    if (from && exit?.target === to.start) this.cache.chain(from, exit, to)
  }

  /** The translation of what the guest would execute next; undefined: it cannot be read. */
  private unitHere(): Placed | undefined {
    this.lookThrough()
    const { eip } = this.cpu
    return this.cache.find(eip) ?? this.found(eip) ?? this.translated(eip)
  }

  /** Drop what the guest has written, and hide what lies elsewhere now. */
  private lookThrough(): void {
    const { cache, written } = this
    if (written.size > 0) {
      const touched = cache.all.filter(({ pages }) => pages.some((page) => written.has(page)))
      for (const unit of touched) if (!this.isSame(unit)) cache.drop(unit)
      written.clear()
    }
    if (this.unseen) cache.see((unit) => this.isHere(unit))
    this.unseen = false
  }

  private isSame({ start, pages, source }: Placed): boolean {
    const { memory } = this.vm
    return source.every((byte, n) => {
      const linear = start + n
      const page = linear >>> PAGE_SHIFT === start >>> PAGE_SHIFT ? pages[0] : pages[1]
      return (memory.get((page << PAGE_SHIFT) + (linear & PAGE_MASK), 8) & 0xff) === byte
    })
  }

  private isHere({ start, length, pages }: Placed): boolean {
    const isAt = (linear: number, page: number) =>
      isMarked(this.vm.machine, linear & ~PAGE_MASK, (page << PAGE_SHIFT) >>> 0)
    return isAt(start, pages[0]) && isAt(start + length - 1, pages[1])
  }

  /** A unit that was hidden, and is here again. */
  private found(eip: number): Placed | undefined {
    const unit = this.cache
      .hiddenAt(eip)
      .find(({ start, length }) => this.touch(start) && this.touch(start + length - 1))
    return unit && this.isHere(unit) ? this.cache.show(unit) : undefined
  }

  /** Fetch from a linear address as the guest's processor would. @returns whether it may */
  private touch(linear: number): boolean {
    try {
      return this.paging.fill(linear, READ, false) === undefined
    } catch (fault) {
      if (fault instanceof Fault) return false
      throw fault
    }
  }

  private translated(eip: number): Placed | undefined {
    const { machine } = this.vm
    if (!this.touch(eip)) return undefined
    const page = eip >>> PAGE_SHIFT
    const unit = translate(
      (address, instruction) => {
        const may = address >>> PAGE_SHIFT === page || (instruction === eip && this.touch(address))
        return may ? look8(machine, address) : undefined
      },
      machine.engine.blocks.decoder,
      eip,
      this.length,
    )
    if (unit.length === 0) return undefined
    return this.placed(unit)
  }

  private placed(unit: ReturnType<typeof translate>): Placed {
    const { machine } = this.vm
    const { start, length } = unit
    const pages = [start, start + length - 1].map((at) => (lookUp(machine, at) as number) >>> PAGE_SHIFT)
    const source = Array.from({ length }, (_, n) => look8(machine, start + n) as number)
    for (const page of pages) this.paging.trace(page)
    return this.cache.place(unit, [pages[0], pages[1]], source)
  }

  // Snapshots

  override save(): TranslatingState {
    const { within, came, unseen, written, cache } = this
    const traced = this.paging.tracedPages
    return { ...super.save(), within, came, unseen, written: [...written], traced, cache: cache.save() }
  }

  override restore(state: TranslatingState): void {
    super.restore(state)
    this.registers.lose()
    this.within = state.within
    this.came = state.came
    this.unseen = state.unseen
    this.written = new Set(state.written)
    this.paging.restoreTraced(state.traced)
    this.cache.restore(state.cache)
  }
}
