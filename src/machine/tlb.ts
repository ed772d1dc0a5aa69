/**
 * The translation lookaside buffer: direct-mapped, in flat typed arrays that every engine reads inline. A hit changes
 * no state; only a miss calls the walker. Entries stay until somebody invalidates them, so the buffer can be stale,
 * as a real one can. @see SDM Vol. 3A §4.10 "Caching Translation Information"
 */

/** Number of entries, a power of two. */
export const TLB_ENTRIES = 256
export const TLB_MASK = TLB_ENTRIES - 1

/** Rights of an entry. The first three are the page tables', the last two the simulator's. */
export const USER = 1
export const WRITABLE = 2
export const DIRTY = 4
/** Writes take the slow path: the page is ROM, holds decoded code, or its first change since a checkpoint is to be noted. */
export const WATCHED = 8
/** Every access takes the slow path: a device answers here, or a data breakpoint lies in the page. */
export const SLOW = 16

/** No page has this number: pages are 20 bits. */
const EMPTY = -1

export interface TlbState {
  readonly entries: readonly (readonly [
    slot: number,
    page: number,
    frame: number,
    rights: number,
    kind: number,
  ])[]
  readonly misses: number
}

const GLOBAL = 1
const LARGE = 2

export class Tlb {
  /** Linear page number, or -1. */
  readonly tag: Int32Array = new Int32Array(TLB_ENTRIES).fill(EMPTY)
  /** Physical address of the page, as an unsigned number in 32 bits. */
  readonly frame: Uint32Array = new Uint32Array(TLB_ENTRIES)
  readonly rights: Uint8Array = new Uint8Array(TLB_ENTRIES)
  /** Global page, part of a large page. */
  private readonly kind: Uint8Array = new Uint8Array(TLB_ENTRIES)
  /** The linear page that code is running from: told if another page takes its slot. */
  codePage = EMPTY
  onCodeEvicted: () => void = () => {}
  /** Walks made so far. */
  misses = 0
  /** Changes whenever an entry or the meaning of its rights may have: what was looked up before must be looked up anew. */
  version = 0

  /** Put an entry in its slot, over whatever was there. */
  fill(page: number, frame: number, rights: number, global: boolean, large: boolean): number {
    const slot = page & TLB_MASK
    this.version++
    // An instruction's own page must be looked up again before the next one, as if each were run alone.
    if (slot === (this.codePage & TLB_MASK) && page !== this.codePage) this.onCodeEvicted()
    this.tag[slot] = page
    this.frame[slot] = frame
    this.rights[slot] = rights
    this.kind[slot] = (global ? GLOBAL : 0) | (large ? LARGE : 0)
    return slot
  }

  /** Drop all entries; those of global pages only if asked. */
  flush(globalsToo: boolean): void {
    this.version++
    for (let slot = 0; slot < TLB_ENTRIES; slot++)
      if (globalsToo || !(this.kind[slot] & GLOBAL)) this.tag[slot] = EMPTY
  }

  /** Drop the page of a linear address, global or not; of a large page, every part. */
  invalidate(linear: number): void {
    this.version++
    const page = linear >>> 12
    const slot = page & TLB_MASK
    if (this.tag[slot] === page) this.tag[slot] = EMPTY
    for (let other = 0; other < TLB_ENTRIES; other++)
      if (this.kind[other] & LARGE && this.tag[other] >> 10 === page >> 10) this.tag[other] = EMPTY
  }

  /** Give or take the fast write path on every entry of a physical page. */
  watch(frame: number, watched: boolean): void {
    for (let slot = 0; slot < TLB_ENTRIES; slot++)
      if (this.frame[slot] === frame)
        this.rights[slot] = watched ? this.rights[slot] | WATCHED : this.rights[slot] & ~WATCHED
  }

  /** Have accesses to some pages take the slow path, and to all others the fast one. */
  slow(isSlow: (page: number, frame: number) => boolean): void {
    this.version++
    this.tag.forEach((page, slot) => {
      if (page === EMPTY) return
      const watched = this.rights[slot] | WATCHED
      this.rights[slot] = isSlow(page, this.frame[slot]) ? this.rights[slot] | SLOW : watched & ~SLOW
    })
  }

  /** Have every write noticed once more. */
  watchAll(): void {
    for (let slot = 0; slot < TLB_ENTRIES; slot++) this.rights[slot] |= WATCHED
  }

  /** Valid entries, lowest slot first; `WATCHED` is left out, for it is no state of the machine. */
  save(): TlbState {
    const entries: TlbState["entries"][number][] = []
    this.tag.forEach((page, slot) => {
      if (page !== EMPTY)
        entries.push([slot, page, this.frame[slot], this.rights[slot] & ~WATCHED, this.kind[slot]])
    })
    return { entries, misses: this.misses }
  }

  restore(state: TlbState): void {
    this.version++
    this.tag.fill(EMPTY)
    for (const [slot, page, frame, rights, kind] of state.entries) {
      this.tag[slot] = page
      this.frame[slot] = frame
      this.rights[slot] = rights | WATCHED
      this.kind[slot] = kind
    }
    this.misses = state.misses
  }
}
