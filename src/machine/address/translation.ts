/**
 * From linear to physical addresses: who translates, with whose rights, and what the TLB keeps of it. Reading and writing is
 * `linear.ts`.
 */
import type { Bus } from "../board/bus"
import { PAGE_MASK, PAGE_SHIFT } from "../board/memory"
import { type Access, FETCH, type PhysicalSpace, WRITE } from "../board/physical-space"
import type { Listener } from "../events/events"
import { type Tables, tablesOf, Walker } from "./paging"
import { codeSlot, DIRTY, dataSlot, mayWrite, NO_QUICK_TAGS, SLOW, Tlb, USER, WATCHED, WRITABLE } from "./tlb"

/** Control bits that decide how addresses are translated. */
interface Mode {
  readonly paging: boolean
  readonly writeProtect: boolean
  readonly tables: Tables
}

const BARE: Mode = {
  paging: false,
  writeProtect: false,
  tables: tablesOf(0, false, false, new Int32Array(4)),
}

/** Tells which pages have data breakpoints, and notes accesses there. */
interface DataWatcher {
  watches(page: number): boolean
  /** Returns whether a breakpoint was met. */
  noteData(linear: number, bytes: number, write: boolean): boolean
}

/** Translates, by the TLB or by a walk. */
export class Translation {
  readonly tlb = new Tlb()
  protected mode: Mode = BARE
  /** CPL is 3. */
  protected user = false
  /** Misaligned data of user code faults: CR0.AM and EFLAGS.AC are set. */
  protected alignment = false
  /** Quick tags of who runs now, and of the processor's own accesses. None while a listener wants to hear of each. */
  protected quick = this.tlb.system
  protected systemQuick = this.tlb.system
  /** Quick tags for data of who runs now. Another array when the rights change. */
  readTag: Int32Array = this.quick.read
  writeTag: Int32Array = this.quick.write
  protected readonly frame: Uint32Array = this.tlb.frame
  protected heard: Listener | undefined
  protected watcher: DataWatcher | undefined
  /** Called when a data breakpoint was met. */
  onBreakpoint: () => void = () => {}
  private readonly walker: Walker

  constructor(
    protected readonly bus: Bus,
    /** Called for each table entry that a walk reads. */
    onReference: () => void,
  ) {
    this.walker = new Walker(bus, onReference)
  }

  /** What stands behind physical addresses. */
  get space(): PhysicalSpace {
    return this.walker.space
  }

  set listener(listener: Listener | undefined) {
    this.heard = listener
    this.applyMode()
  }

  /** Tell how addresses are translated from now on. Turning paging on or off empties the TLB. */
  setMode(mode: Mode): void {
    if (mode.paging !== this.mode.paging) this.tlb.flush(true)
    this.mode = mode
    this.tlb.version++
    this.tlb.protectWrites(mode.writeProtect)
    this.applyMode()
  }

  /** Tell with whose rights memory is accessed from now on: those of CPL 3, perhaps with alignment checks, or of the other rings. */
  setRights(user: boolean, alignment: boolean): void {
    if (user === this.user && alignment === this.alignment) return
    this.user = user
    this.alignment = alignment
    this.chooseTags()
  }

  /** What depends on the mode and on who listens. */
  private applyMode(): void {
    this.chooseTags()
    this.walker.tables = this.mode.tables
    this.walker.writeProtect = this.mode.writeProtect
    this.walker.listener = this.heard
  }

  private chooseTags(): void {
    const { tlb, user, alignment } = this
    const all = this.heard?.detail !== true
    this.systemQuick = all ? tlb.system : NO_QUICK_TAGS
    this.quick = user ? (all && !alignment ? tlb.user : NO_QUICK_TAGS) : this.systemQuick
    this.readTag = this.quick.read
    this.writeTag = this.quick.write
  }

  /** Physical address of an instruction byte. @faults #PF as the page tables say */
  fetch(linear: number): number {
    const page = linear >>> PAGE_SHIFT
    const slot = codeSlot(page)
    const { tlb } = this
    if (tlb.tag[slot] !== page || !this.allowed(tlb.rights[slot], FETCH, this.user))
      this.lookUp(slot, linear, FETCH, this.user)
    return tlb.frame[slot] + (linear & PAGE_MASK)
  }

  /**
   * Physical address of a linear one, for data.
   * @faults #PF as the page tables say
   */
  translate(linear: number, access: Access, user: boolean): number {
    const slot = dataSlot(linear >>> PAGE_SHIFT)
    this.lookUp(slot, linear, access, user)
    return this.tlb.frame[slot] + (linear & PAGE_MASK)
  }

  /** Have a slot hold the entry of an address that allows the access. */
  private lookUp(slot: number, linear: number, access: Access, user: boolean): void {
    const { tlb } = this
    const page = linear >>> PAGE_SHIFT
    if (tlb.tag[slot] === page && this.allowed(tlb.rights[slot], access, user)) return
    if (this.mode.paging) this.fillByWalk(slot, linear, access, user)
    else this.fillPlainly(slot, linear, access)
  }

  /** Without paging a linear address is a physical one. */
  private fillPlainly(slot: number, linear: number, access: Access): void {
    const { space } = this.walker
    space.find(linear & ~PAGE_MASK, access)
    const dirty = space.writable ? DIRTY : 0
    this.fill(slot, linear >>> PAGE_SHIFT, space.frame, USER | WRITABLE | dirty, 0)
  }

  private fill(slot: number, page: number, frame: number, rights: number, kind: number): void {
    this.tlb.fill(slot, page, frame, rights | this.simulatorRights(page, frame), kind)
  }

  /** Whether a TLB entry grants an access by itself. */
  protected allowed(rights: number, access: Access, user: boolean): boolean {
    if (access & WRITE) return (rights & DIRTY) !== 0 && mayWrite(rights, user, this.mode.writeProtect)
    return !user || (rights & USER) !== 0
  }

  private fillByWalk(slot: number, linear: number, access: Access, user: boolean): void {
    this.tlb.misses++
    const { walker } = this
    try {
      walker.walk(linear, access, user)
    } catch (fault) {
      // A page fault also drops what the TLB held for the page.
      this.tlb.invalidate(linear)
      throw fault
    }
    this.fill(slot, linear >>> PAGE_SHIFT, walker.frame, walker.rights, walker.kind)
  }

  private simulatorRights(page: number, frame: number): number {
    if (this.mustBeSlow(page, frame)) return SLOW
    return this.mustWatch(frame) ? WATCHED : 0
  }

  private mustBeSlow(page: number, frame: number): boolean {
    return !this.bus.isPlainMemory(frame) || (this.watcher?.watches(page) ?? false)
  }

  /** Data breakpoints changed: have accesses to their pages take the slow path. */
  watchData(watcher: DataWatcher | undefined): void {
    if (!watcher && !this.watcher) return
    this.watcher = watcher
    this.tlb.slow((page, frame) => this.mustBeSlow(page, frame))
  }

  private mustWatch(frame: number): boolean {
    const page = frame >>> PAGE_SHIFT
    const { memory, board } = this.bus
    return memory.code[page] !== undefined || memory.dirty[page] === 0 || board.isRom(frame)
  }

  /** A page now holds decoded code: writes to it are watched. */
  watchCode(frame: number): void {
    this.tlb.watch(frame)
  }

  /** Note the first write to each page once more: a checkpoint was taken. */
  watchAll(): void {
    this.tlb.watchAll()
  }

  /** After a slow write the page is known to be dirty; without code in it, later writes may be fast. */
  protected endWatch(slot: number): void {
    const { tlb } = this
    if (!this.mustWatch(tlb.frame[slot])) tlb.unwatch(slot)
  }
}
