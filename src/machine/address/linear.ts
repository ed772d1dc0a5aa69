/**
 * Linear memory: what is left of an address after segmentation, and before paging. The fast path reads the TLB inline;
 * everything rare (a miss, a page boundary, a device, a first write, a listener that wants detail) goes the slow path.
 */
import { hex, type Size } from "../../numbers/int"
import type { Bus } from "../board/bus"
import { PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from "../board/memory"
import { READ, WRITE } from "../board/physical-space"
import { Fault } from "../events/fault"
import { DIRTY, dataSlot, mayWrite, SLOW, TLB_MASK, WATCHED } from "./tlb"
import { Translation } from "./translation"

/** Reads and writes at linear addresses. */
export class LinearMemory extends Translation {
  private readonly view: DataView
  private readonly bytes: Uint8Array

  /** @param onReference called for each table entry that a walk reads */
  constructor(bus: Bus, onReference: () => void) {
    super(bus, onReference)
    this.view = bus.memory.view
    this.bytes = bus.memory.bytes
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
