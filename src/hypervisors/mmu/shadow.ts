/**
 * Shadow page tables: the real processor walks tables of the monitor's, which lead from a guest's linear addresses straight to the
 * machine's pages. They are filled when a guest touches a page, from the guest's own tables, and they are as stale as a TLB may be:
 * INVLPG and loading CR3 bring them up to date, as on bare metal.
 *
 *     linear ──guest's tables──► guest physical ──GuestMemory──► machine's page
 *        └────────────────── shadow tables ──────────────────────────┘
 *
 * A guest's table that is shadowed is write-protected. Its first write faults; from then on the guest may write it freely, and it is
 * compared with its shadows when the guest next asks for fresh translations. Other tables than ordinary ones of two levels (large pages,
 * PAE, no paging at all) have shadows, too; those are thrown away whenever CR3 is loaded.
 *
 * Left out: global pages live no longer than others do.
 */

import {
  DIRTY_BIT,
  directoryEntry,
  isLarge,
  PRESENT,
  READ_WRITE,
  USER_SUPERVISOR,
  Walker,
} from "../../machine/address/paging"
import { DIRTY, USER, WRITABLE } from "../../machine/address/tlb"
import { PAGE_SHIFT } from "../../machine/board/memory"
import { type Access, WRITE } from "../../machine/board/physical-space"
import { CR0 } from "../../machine/processor/control"
import type { MachineMemory } from "../guest-memory"
import { addressOf } from "../host-memory"
import type { VirtualMachine } from "../virtual-machine"
import { lookUp } from "./look"

/** The entry of each directory that leads to the monitor's own pages. */
const MONITOR_ENTRY = 1023
const ENTRIES = 1024
const RIGHTS = READ_WRITE | USER_SUPERVISOR
/** A guest page that no table of its own stands behind. */
const NONE = -1

/** One page of the monitor's that the processor walks through. */
interface Shadow {
  /** What it is the shadow of: see `keyOf…`. */
  readonly key: string
  readonly page: number
  /** The guest's page that holds the table it was made from; NONE: no single one. */
  readonly guest: number
  /** Entries in use: in a directory the table's page, in a table the guest's page. */
  readonly entries: Map<number, number>
}

/** Shadows and what is out of step, plain data. */
export interface ShadowState {
  readonly shadows: readonly (readonly [key: string, page: number, guest: number])[]
  readonly loose: readonly number[]
  readonly watched: readonly number[]
  readonly used: number
}

/** A directory, and the state of the guest's processor that it is for. */
interface LastDirectory {
  readonly cr0: number
  readonly cr3: number
  readonly cr4: number
  readonly a20: boolean
  readonly shadow: Shadow
}

/** Where an access ended that no memory answers: an address in the guest's physical memory. */
export interface DeviceAccess {
  readonly device: number
}

export class ShadowPaging {
  private shadows = new Map<string, Shadow>()
  private readonly byPage = new Map<number, Shadow>()
  private byGuest = new Map<number, Shadow[]>()
  /** Addresses of entries that let a guest's page be written, by that page. */
  private readonly writers = new Map<number, Set<number>>()
  /** Guest's tables that may be written, and differ from their shadows until they are compared. */
  private loose = new Set<number>()
  private free: number[] = []
  private readonly guestPage = new Map<number, number>()
  private readonly walker: Walker
  private ready = true
  /** The directory that was last asked for, and for what. */
  private last: LastDirectory | undefined
  /** The directory's page that CR3 was last given; NONE: none yet. */
  private used = NONE
  /** The processor's TLB holds more than the tables do: it must be flushed. */
  stale = false
  /** Pages of linear addresses that the processor's TLB must drop. */
  readonly dropped: number[] = []
  /** Other pages of the guest that are write-protected. */
  private watched = new Set<number>()
  /** Told when a page that is watched is about to be written; it is watched no longer then. */
  onWatched: () => void = () => {}

  /**
   * @param pool the machine's pages that shadows may have; when all are used, all shadows are dropped
   * @param area physical address of the table that maps the monitor's own pages
   */
  constructor(
    private readonly vm: VirtualMachine,
    private readonly pool: readonly number[],
    private readonly area: number,
    private readonly memory: MachineMemory,
  ) {
    this.free = [...pool].reverse()
    for (const [page, frame] of vm.memory.frames.entries()) this.guestPage.set(frame, page)
    this.walker = new Walker(vm.machine.bus, () => {})
  }

  // The guest's mode

  private get paging(): boolean {
    return (this.vm.machine.cpu.readControl(0) & CR0.PG) !== 0
  }

  private get writeProtect(): boolean {
    return (this.vm.machine.cpu.readControl(0) & CR0.WP) !== 0
  }

  private get ordinary(): boolean {
    return this.vm.machine.cpu.tables.format.entryBytes === 4
  }

  /** What entries depend on beside tables: whether read-only pages bind the supervisor, and what addresses the A20 gate makes of them. */
  private get mode(): string {
    return `${this.writeProtect} ${this.vm.machine.bus.board.a20}`
  }

  /** Physical address of the directory for the guest's address space: what CR3 shall hold. */
  get root(): number {
    this.used = this.directory().page
    return addressOf(this.used)
  }

  private directory(): Shadow {
    const { cpu, bus } = this.vm.machine
    const [cr0, cr3, cr4] = [cpu.readControl(0) & (CR0.PG | CR0.WP), cpu.readControl(3), cpu.readControl(4)]
    const { last } = this
    const same =
      last && last.cr0 === cr0 && last.cr3 === cr3 && last.cr4 === cr4 && last.a20 === bus.board.a20
    if (same && this.ready) return last.shadow
    const how = this.paging ? `${cr3 >>> 12} ${cr0 >>> 0} ${cr4 >>> 0}` : "without paging"
    const key = `directory ${how} ${this.mode}`
    const shadow = this.find(key) ?? this.make(key, this.paging && this.ordinary ? cr3 >>> 12 : NONE)
    this.last = { cr0, cr3, cr4, a20: bus.board.a20, shadow }
    return shadow
  }

  // Filling

  /**
   * Have the tables lead where an access of the guest's goes.
   * @returns where it went, if that is no memory
   * @faults #PF as the guest's tables say, in the guest's own terms
   */
  fill(linear: number, access: Access, user: boolean): DeviceAccess | undefined {
    const { frame, rights } = this.translate(linear, access, user)
    const { bus } = this.vm.machine
    const write = (access & WRITE) !== 0
    if (!this.vm.memory.holds(frame, 1) || bus.at(frame) || (write && bus.board.isRom(frame)))
      return { device: (frame + (linear & 0xfff)) >>> 0 }
    const guest = frame >>> PAGE_SHIFT
    if (write) this.loosen(guest)
    this.put(
      this.tableFor(linear),
      (linear >>> 12) & 0x3ff,
      guest,
      this.entryRights(guest, rights, write && !user),
    )
    return undefined
  }

  private translate(linear: number, access: Access, user: boolean): { frame: number; rights: number } {
    const { cpu, bus } = this.vm.machine
    if (!this.paging) return { frame: bus.place(linear & ~0xfff), rights: USER | WRITABLE | DIRTY }
    const { walker } = this
    walker.tables = cpu.tables
    walker.writeProtect = this.writeProtect
    walker.walk(linear, access, user)
    return walker
  }

  /** A supervisor that may write what the tables call read-only (CR0.WP is 0) has the page to itself while it does. */
  private entryRights(guest: number, rights: number, asSupervisor: boolean): number {
    if (asSupervisor && !(rights & WRITABLE)) return READ_WRITE
    const writable = rights & WRITABLE && rights & DIRTY && !this.isGuarded(guest)
    return (writable ? READ_WRITE : 0) | (rights & USER ? USER_SUPERVISOR : 0)
  }

  /** The table that an address goes through, made if it is not there. */
  private tableFor(linear: number): Shadow {
    const index = linear >>> 22
    const [key, guest] = this.tableKey(linear)
    const found = this.find(key) ?? this.make(key, guest)
    const directory = this.directory()
    if (directory.entries.get(index) !== found.page)
      this.write(directory, index, found.page, PRESENT | RIGHTS)
    return found
  }

  /** Tables of one kind are shared between address spaces: the rights of the directory's entry are in the key. */
  private tableKey(linear: number): readonly [key: string, guest: number] {
    const { cpu, bus } = this.vm.machine
    if (this.paging && this.ordinary) {
      const at = directoryEntry(linear, cpu.tables) as number
      const entry = bus.read(at, 32)
      const guest = entry >>> PAGE_SHIFT
      if (!isLarge(entry, cpu.tables.format)) return [`table ${guest} ${entry & RIGHTS} ${this.mode}`, guest]
    }
    return [`part ${linear >>> 22} of ${this.directory().key}`, NONE]
  }

  private put(table: Shadow, index: number, guest: number, rights: number): void {
    this.clear(table, index)
    const at = addressOf(table.page) + 4 * index
    this.memory.set(at, 32, (this.vm.memory.frames[guest] << PAGE_SHIFT) | PRESENT | rights)
    table.entries.set(index, guest)
    if (rights & READ_WRITE) this.writersOf(guest).add(at)
  }

  private write(directory: Shadow, index: number, page: number, bits: number): void {
    this.memory.set(addressOf(directory.page) + 4 * index, 32, (page << PAGE_SHIFT) | bits)
    directory.entries.set(index, page)
  }

  private clear(shadow: Shadow, index: number): void {
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

  // Tracing

  /** Whether the guest must not write a page unnoticed. */
  private isGuarded(guest: number): boolean {
    return (this.byGuest.has(guest) && !this.loose.has(guest)) || this.watched.has(guest)
  }

  /** A page is about to be written, by the guest or for it: tables that it holds are no longer what their shadows say. */
  loosen(guest: number): void {
    this.derive()
    if (this.byGuest.has(guest)) this.loose.add(guest)
    if (this.watched.delete(guest)) this.onWatched()
  }

  /** Have the next write to the page of a linear address noticed. */
  watch(linear: number): void {
    this.derive()
    const at = lookUp(this.vm.machine, linear)
    if (at === undefined) return
    this.watched.add(at >>> PAGE_SHIFT)
    this.protect(at >>> PAGE_SHIFT)
  }

  /** Whether the next write to the page of a linear address is noticed. */
  isWatched(linear: number): boolean {
    const at = lookUp(this.vm.machine, linear)
    return at !== undefined && this.watched.has(at >>> PAGE_SHIFT)
  }

  /** Take the right to write a page from every entry. */
  private protect(guest: number): void {
    for (const at of this.writersOf(guest)) {
      this.memory.set(at, 32, this.memory.get(at, 32) & ~READ_WRITE)
      this.stale = true
    }
    this.writers.delete(guest)
  }

  // What drops entries of the guest's TLB drops them here

  /** The guest loaded CR3, or changed how addresses are translated. */
  flush(): void {
    this.derive()
    for (const guest of this.loose) for (const shadow of this.byGuest.get(guest) ?? []) this.compare(shadow)
    const loose = [...this.loose]
    this.loose.clear()
    for (const guest of loose) this.protect(guest)
    for (const shadow of [...this.shadows.values()]) if (shadow.guest === NONE) this.empty(shadow)
  }

  /** The guest invalidated the page of a linear address. */
  invalidate(linear: number): void {
    this.derive()
    const directory = this.directory()
    const table = this.byPage.get(directory.entries.get(linear >>> 22) ?? NONE)
    if (!table) return
    if (table.guest === NONE) {
      this.empty(table) // of a large page, every part
      return
    }
    const { stale } = this
    this.clear(table, (linear >>> 12) & 0x3ff)
    if (directory.guest !== NONE && !this.isCurrent(directory, linear >>> 22))
      this.clear(directory, linear >>> 22)
    this.stale = stale
    this.dropped.push(linear)
  }

  /** Drop the entries of a shadow that the guest's table no longer says. */
  private compare(shadow: Shadow): void {
    for (const index of [...shadow.entries.keys()])
      if (!this.isCurrent(shadow, index)) this.clear(shadow, index)
  }

  private isCurrent(shadow: Shadow, index: number): boolean {
    const entry = this.vm.machine.bus.read((shadow.guest << PAGE_SHIFT) + 4 * index, 32)
    if (!(entry & PRESENT)) return false
    const target = shadow.entries.get(index) as number
    if (shadow.key.startsWith("directory"))
      return this.byPage.get(target)?.key === `table ${entry >>> PAGE_SHIFT} ${entry & RIGHTS} ${this.mode}`
    const granted = this.memory.get(addressOf(shadow.page) + 4 * index, 32)
    const rights = entry & RIGHTS & (entry & DIRTY_BIT ? RIGHTS : ~READ_WRITE)
    return entry >>> PAGE_SHIFT === target && (granted & RIGHTS & ~rights) === 0
  }

  private empty(shadow: Shadow): void {
    for (const index of [...shadow.entries.keys()]) this.clear(shadow, index)
  }

  // Pages of the monitor's

  private find(key: string): Shadow | undefined {
    this.derive()
    return this.shadows.get(key)
  }

  private make(key: string, guest: number): Shadow {
    if (this.free.length < 2) this.dropAll()
    const page = this.free.pop() as number
    for (let n = 0; n < ENTRIES; n++) this.memory.set(addressOf(page) + 4 * n, 32, 0)
    if (key.startsWith("directory"))
      this.memory.set(addressOf(page) + 4 * MONITOR_ENTRY, 32, this.area | PRESENT | READ_WRITE)
    const shadow = this.enter(key, page, guest)
    if (guest !== NONE && !this.loose.has(guest)) this.protect(guest)
    return shadow
  }

  private enter(key: string, page: number, guest: number): Shadow {
    const shadow: Shadow = { key, page, guest, entries: new Map() }
    this.shadows.set(key, shadow)
    this.byPage.set(page, shadow)
    if (guest !== NONE) this.byGuest.set(guest, [...(this.byGuest.get(guest) ?? []), shadow])
    return shadow
  }

  /** Begin anew. The processor is still in the directory of before, through which it has the monitor's pages. */
  private dropAll(): void {
    this.free = this.pool.filter((page) => page !== this.used).reverse()
    this.last = undefined
    for (const all of [this.shadows, this.byPage, this.byGuest, this.writers, this.loose]) all.clear()
    this.stale = true
  }

  // Snapshots

  save(): ShadowState {
    return {
      shadows: [...this.shadows.values()].map(({ key, page, guest }) => [key, page, guest] as const),
      loose: [...this.loose],
      watched: [...this.watched],
      used: this.used,
    }
  }

  /** Put back what `save` gave. What the tables hold is read from memory when it is next needed. */
  restore({ shadows, loose, watched, used }: ShadowState): void {
    this.used = used
    this.dropAll()
    this.stale = false
    for (const [key, page, guest] of shadows) this.enter(key, page, guest)
    this.free = this.free.filter((page) => !this.byPage.has(page))
    this.loose = new Set(loose)
    this.watched = new Set(watched)
    this.ready = false
  }

  /** Read what the tables hold. */
  private derive(): void {
    if (this.ready) return
    this.ready = true
    for (const shadow of this.shadows.values())
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
