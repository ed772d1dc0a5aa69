/**
 * Physical memory: one ArrayBuffer, in pages of 4 KiB. It knows which pages changed (for checkpoints) and which hold
 * decoded code (so that self-modifying code is seen). Every write that is not the engine's fast path comes through here.
 * What is marked internal is for the machine itself, which keeps those notes right; everybody else has the methods.
 */
import { type At, cardBundle, inspected } from "../../numbers/card"
import { DISPLAY, INSPECT } from "../../numbers/host"
import type { Size } from "../../numbers/int"
import { memoryCard } from "./memory-card"

/** Bits of an address that say where in its page it is. */
export const PAGE_SHIFT = 12
export const PAGE_SIZE = 1 << PAGE_SHIFT
export const PAGE_MASK = PAGE_SIZE - 1

/** Mark of a byte that decoded code depends on. */
export const CODE = 1

/** Told when bytes that decoded code depends on change. */
export interface CodeWatcher {
  /** Some of these bytes, which lie on one page, are new. */
  written(physical: number, bytes: number): void
}

/**
 * Physical memory, as `machine.memory` in a cell. A device writes it through its host instead (`host.writeMemory`): only
 * that is in a recording's log.
 */
export class Memory {
  /**
   * @internal The buffer itself. Who writes here tells nobody: decoded code stays as it was, a checkpoint misses the page, and
   * a recording's log knows nothing of a device that did it, so that its replay ends elsewhere.
   */
  readonly bytes: Uint8Array
  /** @internal The same buffer, with the same warning. */
  readonly view: DataView
  /** @internal 1 for each page written since the last checkpoint. */
  readonly dirty: Uint8Array
  /** @internal Of each page with decoded code in it, a mark for each byte. */
  readonly code: (DataView | undefined)[]
  /** @internal Changes whenever a byte gets a mark. */
  marks = 0
  /** @internal */
  watcher: CodeWatcher | undefined

  /** @internal Whether who has the buffer has the memory. A virtual machine's lies elsewhere, and each access goes through the methods. */
  readonly direct: boolean = true

  /** @throws RangeError unless `size` is a whole number of pages between 4 KiB and 2 GiB. */
  constructor(
    readonly size: number,
    buffer?: ArrayBuffer,
  ) {
    if (!(size >= PAGE_SIZE && size <= 0x8000_0000 && size % PAGE_SIZE === 0))
      throw new RangeError(
        `memory of ${size} bytes: it must be whole pages of ${PAGE_SIZE} bytes, at most 2 GiB`,
      )
    const held = buffer ?? new ArrayBuffer(size)
    this.bytes = new Uint8Array(held)
    this.view = new DataView(held)
    this.dirty = new Uint8Array(size >>> PAGE_SHIFT)
    this.code = new Array(size >>> PAGE_SHIFT).fill(undefined)
  }

  /** A card: its size, and what is in it. */
  [DISPLAY]() {
    return cardBundle(memoryCard(this))
  }

  /** The card as text. */
  [INSPECT](...at: At): string {
    return inspected(memoryCard(this), ...at)
  }

  /** Whether all of the range is memory. */
  holds(physical: number, bytes: number): boolean {
    return (physical >>> 0) + bytes <= this.size
  }

  /** A value as a signed number of 32 bits, or an unsigned one of 8 or 16. The range must be held. */
  get(physical: number, size: Size): number {
    const at = physical >>> 0
    if (size === 32) return this.view.getInt32(at, true)
    return size === 16 ? this.view.getUint16(at, true) : this.bytes[at]
  }

  /** Write a value of 8, 16 or 32 bits, little-endian; higher bits are cut. The range must be held. */
  set(physical: number, size: Size, value: number): void {
    const at = physical >>> 0
    if (size === 32) this.view.setInt32(at, value, true)
    else if (size === 16) this.view.setUint16(at, value, true)
    else this.bytes[at] = value
    this.changed(at, size / 8)
  }

  /** @internal Whether bytes of a page with decoded code can be written and nobody need know: no code depends on them, and the page is known to have changed. */
  isBesideCode(physical: number, bytes: number): boolean {
    const page = physical >>> PAGE_SHIFT
    const marks = this.code[page]
    return marks !== undefined && this.dirty[page] !== 0 && !hasCode(marks, physical & PAGE_MASK, bytes)
  }

  /** Copy bytes in. @throws RangeError if they do not fit. */
  write(physical: number, bytes: ArrayLike<number>): void {
    if (!this.holds(physical, bytes.length))
      throw new RangeError(
        `${bytes.length} bytes at ${physical} do not fit into a memory of ${this.size} bytes`,
      )
    this.bytes.set(bytes, physical)
    for (let at = physical; at < physical + bytes.length; at = (at & ~PAGE_MASK) + PAGE_SIZE)
      this.changed(at, Math.min(PAGE_SIZE - (at & PAGE_MASK), physical + bytes.length - at))
  }

  /** A copy of some bytes. @throws RangeError if they are not all memory. */
  read(physical: number, length: number): Uint8Array {
    if (!this.holds(physical, length))
      throw new RangeError(`${length} bytes at ${physical} are not in a memory of ${this.size} bytes`)
    return this.bytes.slice(physical, physical + length)
  }

  /** @internal Bytes of one page, not a copy. */
  page(number: number): Uint8Array {
    return this.bytes.subarray(number << PAGE_SHIFT, (number + 1) << PAGE_SHIFT)
  }

  /** Note that bytes within one page changed. */
  private changed(physical: number, bytes: number): void {
    const page = physical >>> PAGE_SHIFT
    this.dirty[page] = 1
    const marks = this.code[page]
    if (marks !== undefined && hasCode(marks, physical & PAGE_MASK, bytes))
      this.watcher?.written(physical, bytes)
    const last = (physical + bytes - 1) >>> PAGE_SHIFT
    if (last !== page) this.changed(last << PAGE_SHIFT, ((physical + bytes - 1) & PAGE_MASK) + 1)
  }
}

const CODE_IN_WORD = CODE * 0x0101_0101

/** Whether code depends on any of some bytes of a page; those beyond its end do not count. */
function hasCode(marks: DataView, first: number, bytes: number): boolean {
  const end = Math.min(first + bytes, PAGE_SIZE)
  let at = first
  for (; at + 4 <= end; at += 4) if (marks.getInt32(at) & CODE_IN_WORD) return true
  for (; at < end; at++) if (marks.getInt8(at) & CODE) return true
  return false
}
