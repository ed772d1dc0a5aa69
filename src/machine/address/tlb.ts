/**
 * The translation lookaside buffer: direct-mapped, in flat typed arrays that every engine reads inline. A hit changes
 * no state; only a miss calls the walker. Entries stay until somebody invalidates them, so the buffer can be stale,
 * as a real one can. Code has entries of its own, so that data cannot push out the page that runs.
 * @see SDM Vol. 3A §4.10 "Caching Translation Information"
 */

/** Entries for data, a power of two; as many for code stand behind them. */
const TLB_ENTRIES = 256
export const TLB_MASK = TLB_ENTRIES - 1
export const ALL_ENTRIES = 2 * TLB_ENTRIES

/** Where a data page's entry is, and a code page's. */
export const dataSlot = (page: number) => page & TLB_MASK
export const codeSlot = (page: number) => TLB_ENTRIES + (page & TLB_MASK)

/**
 * Rights of an entry.
 *
 *    7   6   5   4   3   2   1   0
 *  ┌───┬───┬───┬───┬───┬───┬───┬───┐   U W D  the page tables': every entry of the walk has U/S, has R/W;
 *  │     0     │ S │ O │ D │ W │ U │          the last one has its dirty bit
 *  └───┴───┴───┴───┴───┴───┴───┴───┘   O S    the simulator's, WATCHED and SLOW: writes, or all accesses, take the slow path
 *
 * What may be done at once follows from them and from CR0.WP: see `quickAccesses`. An entry without DIRTY lets nobody write:
 * the next write walks, and sets the dirty bit in the page table.
 */
export const USER = 1
export const WRITABLE = 2
export const DIRTY = 4
/** Writes take the slow path: the page is ROM, holds decoded code, or its first change since a checkpoint is to be noted. */
export const WATCHED = 8
/** Every access takes the slow path: a device answers here, or a data breakpoint lies in the page. */
export const SLOW = 16

/** Whether an entry's rights of the page tables allow a write. */
export function mayWrite(rights: number, user: boolean, writeProtect: boolean): boolean {
  const both = (rights & (USER | WRITABLE)) === (USER | WRITABLE)
  return user ? both : (rights & WRITABLE) !== 0 || !writeProtect
}

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

/** Kinds of entries. */
export const GLOBAL = 1
export const LARGE = 2

/** What may be done with an entry at once. */
const USER_READS = 1
const USER_WRITES = 2
const SYSTEM_READS = 4
const SYSTEM_WRITES = 8

function quickAccesses(rights: number, writeProtect: boolean): number {
  if (rights & SLOW) return 0
  const writes = (rights & (WATCHED | DIRTY)) === DIRTY
  return (
    SYSTEM_READS |
    (rights & USER ? USER_READS : 0) |
    (writes && mayWrite(rights, true, writeProtect) ? USER_WRITES : 0) |
    (writes && mayWrite(rights, false, writeProtect) ? SYSTEM_WRITES : 0)
  )
}

/** By CR0.WP and rights. */
const QUICK = [false, true].map((writeProtect) =>
  Uint8Array.from({ length: 2 * SLOW }, (_, rights) => quickAccesses(rights, writeProtect)),
)

/** What processor rights an access has: those of CPL 3, or those of the other rings and of the processor's own reads. */
export interface QuickTags {
  readonly read: Int32Array
  readonly write: Int32Array
}
const noTags = () => new Int32Array(TLB_ENTRIES).fill(EMPTY)
const quickTags = (): QuickTags => ({ read: noTags(), write: noTags() })
/** Nothing may go on at once. */
export const NO_QUICK_TAGS: QuickTags = quickTags()

/** Keeps translations of its own that are to be no older than a TLB's. */
export interface TlbFollower {
  /** All entries are dropped, but perhaps those of global pages. */
  flush(): void
  /** The page of a linear address is dropped. */
  invalidate(linear: number): void
}

export class Tlb {
  /** Linear page number, or -1. */
  readonly tag: Int32Array = new Int32Array(ALL_ENTRIES).fill(EMPTY)
  /** Physical address of the page, as an unsigned number in 32 bits. */
  readonly frame: Uint32Array = new Uint32Array(ALL_ENTRIES)
  readonly rights: Uint8Array = new Uint8Array(ALL_ENTRIES)
  /** Global page, part of a large page. */
  private readonly kind: Uint8Array = new Uint8Array(ALL_ENTRIES)
  /** Kinds of the entries since all were dropped: without global or large ones there is less to look for. */
  private kinds = 0
  /** Nothing was put in since all entries were dropped. */
  private isEmpty = true
  /**
   * For each data entry, its page where accesses may go on at once, else -1: what tag and rights say, in one number.
   * Derived from them.
   */
  readonly user = quickTags()
  readonly system = quickTags()
  /** By rights, who may do what at once. */
  private quick = QUICK[0]
  /** Walks made so far. */
  misses = 0
  /** Changes whenever an entry for code or the meaning of its rights may have: code must then be looked up anew. */
  version = 0
  /** Who keeps translations of the same tables, and drops what is dropped here. */
  follower: TlbFollower | undefined
  /** Changes whenever an entry for data is replaced, dropped or given other rights: what was translated before may be translated otherwise. */
  translations = 0

  /** Put an entry in its slot, over whatever was there. */
  fill(slot: number, page: number, frame: number, rights: number, kind: number): void {
    if (slot >= TLB_ENTRIES) this.version++
    this.isEmpty = false
    this.tag[slot] = page
    this.frame[slot] = frame
    this.rights[slot] = rights
    this.kind[slot] = kind
    this.kinds |= kind
    this.deriveTags(slot)
  }

  /** Derive an entry's quick tags. */
  private deriveTags(slot: number): void {
    if (slot >= TLB_ENTRIES) return
    const { user, system } = this
    if (system.read[slot] !== EMPTY) this.translations++
    const page = this.tag[slot]
    const allowed = this.quick[this.rights[slot]]
    user.read[slot] = allowed & USER_READS ? page : EMPTY
    user.write[slot] = allowed & USER_WRITES ? page : EMPTY
    system.read[slot] = allowed & SYSTEM_READS ? page : EMPTY
    system.write[slot] = allowed & SYSTEM_WRITES ? page : EMPTY
  }

  private deriveAllTags(): void {
    for (let slot = 0; slot < TLB_ENTRIES; slot++) this.deriveTags(slot)
  }

  /** CR0.WP, which decides what the supervisor may write. */
  protectWrites(writeProtect: boolean): void {
    const quick = QUICK[writeProtect ? 1 : 0]
    if (quick === this.quick) return
    this.quick = quick
    this.deriveAllTags()
  }

  private empty(slot: number): void {
    this.tag[slot] = EMPTY
    this.deriveTags(slot)
  }

  private emptyAll(): void {
    this.isEmpty = true
    this.translations++
    this.tag.fill(EMPTY)
    for (const { read, write } of [this.user, this.system]) {
      read.fill(EMPTY)
      write.fill(EMPTY)
    }
  }

  /** Drop everything, as if it had never been there: nobody follows. */
  forget(): void {
    if (this.isEmpty) return
    this.version++
    this.emptyAll()
    this.kinds = 0
  }

  /** Drop all entries; those of global pages only if asked. */
  flush(globalsToo: boolean): void {
    this.follower?.flush()
    this.version++
    if (globalsToo || !(this.kinds & GLOBAL)) {
      this.emptyAll()
      this.kinds = 0
    } else for (let slot = 0; slot < ALL_ENTRIES; slot++) if (!(this.kind[slot] & GLOBAL)) this.empty(slot)
  }

  /** Drop the page of a linear address, global or not; of a large page, every part. */
  invalidate(linear: number): void {
    this.follower?.invalidate(linear)
    const page = linear >>> 12
    this.drop(dataSlot(page), page)
    this.drop(codeSlot(page), page)
    if (this.kinds & LARGE) this.dropLarge(page)
  }

  private drop(slot: number, page: number): void {
    if (this.tag[slot] !== page) return
    this.empty(slot)
    this.version++
  }

  private dropLarge(page: number): void {
    this.version++
    for (let slot = 0; slot < ALL_ENTRIES; slot++)
      if (this.kind[slot] & LARGE && this.tag[slot] >> 10 === page >> 10) this.empty(slot)
  }

  /** Take the fast write path from every entry of a physical page. */
  watch(frame: number): void {
    for (let slot = 0; slot < ALL_ENTRIES; slot++)
      if (this.frame[slot] === frame) {
        this.rights[slot] |= WATCHED
        this.deriveTags(slot)
      }
  }

  /** Let writes to a data page take the fast path again. */
  unwatch(slot: number): void {
    this.rights[slot] &= ~WATCHED
    this.deriveTags(slot)
  }

  /** Have accesses to some pages take the slow path, and to all others the fast one. */
  slow(isSlow: (page: number, frame: number) => boolean): void {
    this.version++
    this.tag.forEach((page, slot) => {
      if (page === EMPTY) return
      const watched = this.rights[slot] | WATCHED
      this.rights[slot] = isSlow(page, this.frame[slot]) ? this.rights[slot] | SLOW : watched & ~SLOW
      this.deriveTags(slot)
    })
  }

  /** Have every write noticed once more. */
  watchAll(): void {
    for (let slot = 0; slot < ALL_ENTRIES; slot++) this.rights[slot] |= WATCHED
    this.deriveAllTags()
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
    this.emptyAll()
    this.kinds = 0
    for (const [slot, page, frame, rights, kind] of state.entries)
      this.fill(slot, page, frame, rights | WATCHED, kind)
    this.misses = state.misses
  }
}
