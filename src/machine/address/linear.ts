/**
 * Linear memory: what is left of an address after segmentation, and before paging. The fast path reads the TLB inline;
 * everything rare (a miss, a page boundary, a device, a first write, a listener that wants detail) goes the slow path.
 */
import { hex, type Size } from "../../numbers/int"
import type { Bus } from "../board/bus"
import { PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from "../board/memory"
import { type Access, FETCH, type PhysicalSpace, READ, WRITE } from "../board/physical-space"
import type { Listener } from "../events/events"
import { Fault } from "../events/fault"

import { type Tables, tablesOf, Walker } from "./paging"
import {
  codeSlot,
  DIRTY,
  dataSlot,
  mayWrite,
  NO_QUICK_TAGS,
  SLOW,
  TLB_MASK,
  Tlb,
  USER,
  WATCHED,
  WRITABLE,
} from "./tlb"

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

export class LinearMemory {
  readonly tlb = new Tlb()
  private mode: Mode = BARE
  /** CPL is 3. */
  private user = false
  /** Misaligned data of user code faults: CR0.AM and EFLAGS.AC are set. */
  private alignment = false
  /** Quick tags of who runs now, and of the processor's own accesses. None while a listener wants to hear of each. */
  private quick = this.tlb.system
  private systemQuick = this.tlb.system
  /** Quick tags for data of who runs now. Another array when the rights change. */
  readTag: Int32Array = this.quick.read
  writeTag: Int32Array = this.quick.write
  private readonly frame = this.tlb.frame
  private heard: Listener | undefined
  private watcher: DataWatcher | undefined
  /** Called when a data breakpoint was met. */
  onBreakpoint: () => void = () => {}
  private readonly walker: Walker
  private readonly view: DataView
  private readonly bytes: Uint8Array

  constructor(
    private readonly bus: Bus,
    /** Called for each table entry that a walk reads. */
    onReference: () => void,
  ) {
    this.walker = new Walker(bus, onReference)
    this.view = bus.memory.view
    this.bytes = bus.memory.bytes
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

  /** Physical address of a byte that can be read at once, or -1. */
  quickRead(linear: number): number {
    const page = linear >>> 12
    return this.readTag[page & TLB_MASK] === page ? this.frame[page & TLB_MASK] + (linear & PAGE_MASK) : -1
  }

  /** Physical address of a byte that can be written at once, or -1. */
  quickWrite(linear: number): number {
    const page = linear >>> 12
    return this.writeTag[page & TLB_MASK] === page ? this.frame[page & TLB_MASK] + (linear & PAGE_MASK) : -1
  }

  read8(linear: number): number {
    const page = linear >>> 12
    if (this.readTag[page & TLB_MASK] === page)
      return this.bytes[this.frame[page & TLB_MASK] + (linear & PAGE_MASK)]
    return this.slowRead(linear, 8, this.user) & 0xff
  }

  read16(linear: number): number {
    const page = linear >>> 12
    if (this.readTag[page & TLB_MASK] === page && (linear & PAGE_MASK) < PAGE_SIZE - 1)
      return this.view.getUint16(this.frame[page & TLB_MASK] + (linear & PAGE_MASK), true)
    return this.slowRead(linear, 16, this.user) & 0xffff
  }

  read32(linear: number): number {
    const page = linear >>> 12
    if (this.readTag[page & TLB_MASK] === page && (linear & PAGE_MASK) < PAGE_SIZE - 3)
      return this.view.getInt32(this.frame[page & TLB_MASK] + (linear & PAGE_MASK), true)
    return this.slowRead(linear, 32, this.user)
  }

  write8(linear: number, value: number): void {
    const page = linear >>> 12
    if (this.writeTag[page & TLB_MASK] === page)
      this.bytes[this.frame[page & TLB_MASK] + (linear & PAGE_MASK)] = value
    else this.slowWrite(linear, 8, value, this.user)
  }

  write16(linear: number, value: number): void {
    const page = linear >>> 12
    if (this.writeTag[page & TLB_MASK] === page && (linear & PAGE_MASK) < PAGE_SIZE - 1)
      this.view.setUint16(this.frame[page & TLB_MASK] + (linear & PAGE_MASK), value, true)
    else this.slowWrite(linear, 16, value, this.user)
  }

  write32(linear: number, value: number): void {
    const page = linear >>> 12
    if (this.writeTag[page & TLB_MASK] === page && (linear & PAGE_MASK) < PAGE_SIZE - 3)
      this.view.setInt32(this.frame[page & TLB_MASK] + (linear & PAGE_MASK), value, true)
    else this.slowWrite(linear, 32, value, this.user)
  }

  /** A value read with the rights of CPL 3 (`user`) or of the processor itself, which reads tables and stacks so. */
  readAs(user: boolean, linear: number, size: 16 | 32): number {
    const page = linear >>> 12
    const { read } = user ? this.quick : this.systemQuick
    if (read[page & TLB_MASK] === page && (linear & PAGE_MASK) < PAGE_SIZE - 3) {
      const physical = this.frame[page & TLB_MASK] + (linear & PAGE_MASK)
      return size === 32 ? this.view.getInt32(physical, true) : this.view.getUint16(physical, true)
    }
    const value = this.slowRead(linear, size, user)
    return size === 32 ? value : value & 0xffff
  }

  /** As `readAs`, for writes. */
  writeAs(user: boolean, linear: number, size: 16 | 32, value: number): void {
    const page = linear >>> 12
    const { write } = user ? this.quick : this.systemQuick
    if (write[page & TLB_MASK] === page && (linear & PAGE_MASK) < PAGE_SIZE - 3) {
      const physical = this.frame[page & TLB_MASK] + (linear & PAGE_MASK)
      if (size === 32) this.view.setInt32(physical, value, true)
      else this.view.setUint16(physical, value, true)
    } else this.slowWrite(linear, size, value, user)
  }

  /**
   * Physical address of some bytes, at most a page, that can be read or written at once and together; -1: they cannot.
   * Nothing is translated for it.
   */
  frameAt(user: boolean, linear: number, bytes: number, write: boolean): number {
    const page = linear >>> 12
    const slot = page & TLB_MASK
    const quick = user ? this.quick : this.systemQuick
    if (quick.read[slot] !== page || (linear & PAGE_MASK) + bytes > PAGE_SIZE) return -1
    const physical = this.frame[slot] + (linear & PAGE_MASK)
    return !write || quick.write[slot] === page || this.isBesideCode(slot, physical, bytes, user)
      ? physical
      : -1
  }

  /** Whether bytes may be written at once though their page holds code: none depends on them, and the page has changed before. */
  private isBesideCode(slot: number, physical: number, bytes: number, user: boolean): boolean {
    const rights = this.tlb.rights[slot]
    const { memory, board } = this.bus
    return (
      (rights & DIRTY) !== 0 &&
      mayWrite(rights, user, this.mode.writeProtect) &&
      memory.isBesideCode(physical, bytes) &&
      !board.isRom(physical)
    )
  }

  private slowRead(linear: number, size: Size, user: boolean): number {
    const bytes = size / 8
    this.checkAlignment(linear, bytes, user)
    if ((linear & PAGE_MASK) + bytes > PAGE_SIZE) return this.readAcross(linear, bytes, user)
    const physical = this.translate(linear, READ, user)
    if (this.watcher?.noteData(linear, bytes, false)) this.onBreakpoint()
    const slow = this.tlb.rights[dataSlot(linear >>> PAGE_SHIFT)] & SLOW
    const value = slow ? this.bus.read(physical, size) : this.bus.memory.get(physical, size)
    if (this.heard?.detail)
      this.heard.tell({ is: "read", linear: linear >>> 0, physical, size, value: value >>> 0 })
    return value
  }

  private slowWrite(linear: number, size: Size, value: number, user: boolean): void {
    if (this.writeBesideCode(linear, size, value, user)) return
    const bytes = size / 8
    this.checkAlignment(linear, bytes, user)
    if ((linear & PAGE_MASK) + bytes > PAGE_SIZE) {
      this.writeAcross(linear, bytes, value, user)
      return
    }
    const physical = this.translate(linear, WRITE, user)
    if (this.watcher?.noteData(linear, bytes, true)) this.onBreakpoint()
    if (this.heard?.detail) this.tellWrite(linear, physical, size, value)
    const slot = dataSlot(linear >>> PAGE_SHIFT)
    const { rights } = this.tlb
    if (rights[slot] & SLOW || this.bus.board.isRom(physical)) this.bus.write(physical, size, value)
    else this.bus.memory.set(physical, size, value)
    if (rights[slot] & WATCHED) this.endWatch(slot)
  }

  /** Write a page that is watched for its code alone, which is often so: small systems have stack and code in one page. */
  private writeBesideCode(linear: number, size: Size, value: number, user: boolean): boolean {
    const physical = this.frameAt(user, linear, size >> 3, true)
    if (physical < 0) return false
    if (size === 32) this.view.setInt32(physical, value, true)
    else if (size === 16) this.view.setUint16(physical, value, true)
    else this.bytes[physical] = value
    return true
  }

  /** @faults #AC(0); @see SDM Vol. 3A §6.15 "Interrupt 17—Alignment Check Exception (#AC)" */
  private checkAlignment(linear: number, bytes: number, user: boolean): void {
    if (!this.alignment || !user || (linear & (bytes - 1)) === 0) return
    const says = `EFLAGS.AC and CR0.AM are set, and ${bytes} bytes at ${hex(linear)} are not aligned`
    throw new Fault("#AC", 0, says, 'SDM Vol. 3A §6.15 "Interrupt 17—Alignment Check Exception (#AC)"')
  }

  private tellWrite(linear: number, physical: number, size: Size, value: number): void {
    const { memory } = this.bus
    const old = memory.holds(physical, size / 8) ? memory.get(physical, size) >>> 0 : undefined
    const kept = size === 32 ? value >>> 0 : value & ((1 << size) - 1)
    this.heard?.tell({ is: "write", linear: linear >>> 0, physical, size, value: kept, old })
  }

  /** Fault as a write of the bytes would; nothing is written. */
  probeWrite(linear: number, bytes: number, user = this.user): void {
    const page = linear >>> 12
    if (this.writeTag[page & TLB_MASK] === page && (linear & PAGE_MASK) + bytes <= PAGE_SIZE) return
    this.checkAlignment(linear, bytes, user)
    this.translate(linear, WRITE, user)
    if ((linear & PAGE_MASK) + bytes > PAGE_SIZE) this.translate(((linear | PAGE_MASK) + 1) | 0, WRITE, user)
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
  private allowed(rights: number, access: Access, user: boolean): boolean {
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
  private endWatch(slot: number): void {
    const { tlb } = this
    if (!this.mustWatch(tlb.frame[slot])) tlb.unwatch(slot)
  }

  /** An access across a page boundary: both pages are checked before anything is done. */
  private readAcross(linear: number, bytes: number, user: boolean): number {
    let value = 0
    for (let n = 0; n < bytes; n++) value |= (this.slowRead((linear + n) | 0, 8, user) & 0xff) << (8 * n)
    return value
  }

  private writeAcross(linear: number, bytes: number, value: number, user: boolean): void {
    this.probeWrite(linear, bytes, user)
    for (let n = 0; n < bytes; n++) this.slowWrite((linear + n) | 0, 8, (value >> (8 * n)) & 0xff, user)
  }
}
