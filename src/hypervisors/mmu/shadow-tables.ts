/**
 * The pages that hold shadow page tables: which are in use and for what, who may write which page of the guest's through them. What
 * belongs into them is `shadow.ts`'s. What is kept here beside memory is found again by reading the tables.
 */
import { PRESENT, READ_WRITE } from "../../machine/address/paging"
import { PAGE_SHIFT } from "../../machine/board/memory"
import type { MachineMemory } from "../guest-memory"
import { addressOf } from "../host-memory"
import type { VirtualMachine } from "../virtual-machine"

/** The entry of each directory that leads to the monitor's own pages. */
const MONITOR_ENTRY = 1023
const ENTRIES = 1024
/** A guest page that no table of its own stands behind; a page that is not there. */
export const NONE = -1

/** One page of the monitor's that the processor walks through. */
export interface Shadow {
  /** What it is the shadow of: see `keyOf…`. */
  readonly key: string
  readonly page: number
  /** The guest's page that holds the table it was made from; NONE: no single one. */
  readonly guest: number
  /** Entries in use: in a directory the table's page, in a table the guest's page. */
  readonly entries: Map<number, number>
}

/** A shadow as plain data. */
export type SavedShadow = readonly [key: string, page: number, guest: number]

export class ShadowTables {
  private readonly shadows = new Map<string, Shadow>()
  protected readonly byPage = new Map<number, Shadow>()
  protected readonly byGuest = new Map<number, Shadow[]>()
  /** Addresses of entries that let a guest's page be written, by that page. */
  private readonly writers = new Map<number, Set<number>>()
  private free: number[]
  private readonly guestPage = new Map<number, number>()
  protected ready = true
  /** The directory's page that CR3 was last given; NONE: none yet. */
  protected used = NONE
  /** The processor's TLB holds more than the tables do: it must be flushed. */
  stale = false

  /**
   * @param pool the machine's pages that shadows may have; when all are used, all shadows are dropped
   * @param area physical address of the table that maps the monitor's own pages
   */
  constructor(
    protected readonly vm: VirtualMachine,
    private readonly pool: readonly number[],
    private readonly area: number,
    protected readonly memory: MachineMemory,
  ) {
    this.free = [...pool].reverse()
    for (const [page, frame] of vm.memory.frames.entries()) this.guestPage.set(frame, page)
  }

  /** All shadows. */
  protected get all(): Shadow[] {
    return [...this.shadows.values()]
  }

  protected find(key: string): Shadow | undefined {
    this.derive()
    return this.shadows.get(key)
  }

  protected make(key: string, guest: number): Shadow {
    if (this.free.length < 2) this.dropAll()
    const page = this.free.pop() as number
    for (let n = 0; n < ENTRIES; n++) this.memory.set(addressOf(page) + 4 * n, 32, 0)
    if (key.startsWith("directory"))
      this.memory.set(addressOf(page) + 4 * MONITOR_ENTRY, 32, this.area | PRESENT | READ_WRITE)
    return this.enter(key, page, guest)
  }

  private enter(key: string, page: number, guest: number): Shadow {
    const shadow: Shadow = { key, page, guest, entries: new Map() }
    this.shadows.set(key, shadow)
    this.byPage.set(page, shadow)
    if (guest !== NONE) this.byGuest.set(guest, [...(this.byGuest.get(guest) ?? []), shadow])
    return shadow
  }

  /** Begin anew. The processor is still in the directory of before, through which it has the monitor's pages. */
  dropAll(): void {
    this.free = this.pool.filter((page) => page !== this.used).reverse()
    for (const all of [this.shadows, this.byPage, this.byGuest, this.writers]) all.clear()
    this.stale = true
  }

  protected put(table: Shadow, index: number, guest: number, rights: number): void {
    this.clear(table, index)
    const at = addressOf(table.page) + 4 * index
    this.memory.set(at, 32, (this.vm.memory.frames[guest] << PAGE_SHIFT) | PRESENT | rights)
    table.entries.set(index, guest)
    if (rights & READ_WRITE) this.writersOf(guest).add(at)
  }

  protected write(directory: Shadow, index: number, page: number, bits: number): void {
    this.memory.set(addressOf(directory.page) + 4 * index, 32, (page << PAGE_SHIFT) | bits)
    directory.entries.set(index, page)
  }

  protected clear(shadow: Shadow, index: number): void {
    const target = shadow.entries.get(index)
    if (target === undefined) return
    const at = addressOf(shadow.page) + 4 * index
    shadow.entries.delete(index)
    this.writers.get(target)?.delete(at)
    this.memory.set(at, 32, 0)
    this.stale = true
  }

  private writersOf(guest: number): Set<number> {
    const writers = this.writers.get(guest) ?? new Set()
    this.writers.set(guest, writers)
    return writers
  }

  /** Take the right to write a page from every entry. */
  protected protect(guest: number): void {
    for (const at of this.writersOf(guest)) {
      this.memory.set(at, 32, this.memory.get(at, 32) & ~READ_WRITE)
      this.stale = true
    }
    this.writers.delete(guest)
  }

  protected empty(shadow: Shadow): void {
    for (const index of [...shadow.entries.keys()]) this.clear(shadow, index)
  }

  protected saveTables(): SavedShadow[] {
    return this.all.map(({ key, page, guest }) => [key, page, guest] as const)
  }

  /** Put back what `saveTables` gave. What the tables hold is read from memory when it is next needed. */
  protected restoreTables(shadows: readonly SavedShadow[], used: number): void {
    this.used = used
    this.dropAll()
    this.stale = false
    for (const [key, page, guest] of shadows) this.enter(key, page, guest)
    this.free = this.free.filter((page) => !this.byPage.has(page))
    this.ready = false
  }

  /** Have what the tables hold read. */
  protected derive(): void {
    if (this.ready) return
    this.ready = true
    for (const shadow of this.all)
      for (let index = 0; index < ENTRIES; index++) this.deriveEntry(shadow, index)
  }

  private deriveEntry(shadow: Shadow, index: number): void {
    const at = addressOf(shadow.page) + 4 * index
    const entry = this.memory.get(at, 32)
    const isDirectory = shadow.key.startsWith("directory")
    if (!(entry & PRESENT) || (isDirectory && index === MONITOR_ENTRY)) return
    const target = entry >>> PAGE_SHIFT
    const guest = isDirectory ? target : (this.guestPage.get(target) as number)
    shadow.entries.set(index, guest)
    if (!isDirectory && entry & READ_WRITE) this.writersOf(guest).add(at)
  }
}
