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
  ACCESSED,
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
import { addressOf } from "../host-memory"
import { isMarked, lookUp } from "./look"
import { NONE, type SavedShadow, type Shadow, ShadowTables } from "./shadow-tables"

const RIGHTS = READ_WRITE | USER_SUPERVISOR

/** Shadows and what is out of step, plain data. */
export interface ShadowState {
  readonly shadows: readonly SavedShadow[]
  readonly loose: readonly number[]
  readonly watched: readonly (readonly [linear: number, guest: number])[]
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

export class ShadowPaging extends ShadowTables {
  /** Guest's tables that may be written, and differ from their shadows until they are compared. */
  private loose = new Set<number>()
  private readonly walker: Walker
  /** The directory that was last asked for, and for what. */
  private last: LastDirectory | undefined
  /** Pages of linear addresses that the processor's TLB must drop. */
  readonly dropped: number[] = []
  /** Pages of the guest that are write-protected though they hold no page tables, by the pages of linear addresses that lead there. */
  private watched = new Map<number, number>()
  /** Told when a watched page is about to be written, or its linear address leads elsewhere. No page is watched any more then. */
  onWatched: () => void = () => {}
  /** Pages of the guest each write to which is done by the monitor: code of theirs was translated. */
  private traced = new Set<number>()
  /** Told when linear addresses may lead elsewhere than they did. */
  onFlush: () => void = () => {}

  /** @see ShadowTables */
  constructor(...parts: ConstructorParameters<typeof ShadowTables>) {
    super(...parts)
    this.walker = new Walker(this.vm.machine.bus, () => {})
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
    const shadow = this.find(key) ?? this.add(key, this.paging && this.ordinary ? cr3 >>> 12 : NONE)
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
    if (write && this.traced.has(guest)) return { device: (frame + (linear & 0xfff)) >>> 0 }
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
    const found = this.find(key) ?? this.add(key, guest)
    const directory = this.directory()
    if (directory.entries.get(index) !== found.page) this.link(directory, index, found)
    return found
  }

  /** While no way led to a table, INVLPG could not find what it was about. */
  private link(directory: Shadow, index: number, table: Shadow): void {
    if (this.loose.has(table.guest)) this.compare(table)
    this.write(directory, index, table.page, PRESENT | RIGHTS)
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

  // Tracing

  /** Whether the guest must not write a page unnoticed. */
  private isGuarded(guest: number): boolean {
    const isTable = this.byGuest.has(guest) && !this.loose.has(guest)
    return isTable || this.isWatchedPage(guest) || this.traced.has(guest)
  }

  /** A page is about to be written, by the guest or for it: tables that it holds are no longer what their shadows say. */
  loosen(guest: number): void {
    this.derive()
    if (this.byGuest.has(guest)) this.loose.add(guest)
    if (this.isWatchedPage(guest)) this.unwatch()
  }

  /** Have each write to a page come to the monitor as if a device were there. */
  trace(guest: number): void {
    if (this.traced.has(guest)) return
    this.derive()
    this.traced.add(guest)
    this.protect(guest)
  }

  /** The pages whose writes come to the monitor. */
  get tracedPages(): readonly number[] {
    return [...this.traced]
  }

  /** These pages and no others are traced, as they were when the tables were made. */
  restoreTraced(pages: readonly number[]): void {
    this.traced = new Set(pages)
  }

  /** Have the next write to the page of a linear address noticed. */
  watch(linear: number): void {
    this.derive()
    const at = lookUp(this.vm.machine, linear)
    if (at === undefined || this.watched.get(linear >>> 12) === at >>> PAGE_SHIFT) return
    this.watched.set(linear >>> 12, at >>> PAGE_SHIFT)
    this.protect(at >>> PAGE_SHIFT)
  }

  /** Whether the next write to the page of a linear address is noticed. */
  isWatched(linear: number): boolean {
    return this.watched.has(linear >>> 12)
  }

  private isWatchedPage(guest: number): boolean {
    for (const page of this.watched.values()) if (page === guest) return true
    return false
  }

  /** The shadows of what watched pages hold are no longer right. */
  unwatch(): void {
    this.watched.clear()
    this.onWatched()
  }

  /** The guest's tables may lead elsewhere, or wait for a mark that somebody came by. */
  private checkWatched(): void {
    for (const [page, guest] of this.watched)
      if (!isMarked(this.vm.machine, page << PAGE_SHIFT, guest << PAGE_SHIFT)) {
        this.unwatch()
        return
      }
  }

  // What drops entries of the guest's TLB drops them here

  /** The guest loaded CR3, or changed how addresses are translated. */
  flush(): void {
    this.onFlush()
    this.derive()
    this.checkWatched()
    for (const guest of this.loose) for (const shadow of this.byGuest.get(guest) ?? []) this.compare(shadow)
    const loose = [...this.loose]
    this.loose.clear()
    for (const guest of loose) this.protect(guest)
    for (const shadow of this.all) if (shadow.guest === NONE) this.empty(shadow)
  }

  /** The guest invalidated the page of a linear address. */
  invalidate(linear: number): void {
    this.onFlush()
    this.derive()
    this.checkWatched()
    for (const directory of this.directories) this.invalidateIn(directory, linear)
    this.dropped.push(linear)
  }

  /** All directories of the guest's address space: it may have used it with other bits in CR0 and CR4. */
  private get directories(): readonly Shadow[] {
    const current = this.directory()
    if (!this.paging) return [current]
    const space = `directory ${this.vm.machine.cpu.readControl(3) >>> 12} `
    return this.all.filter(({ key }) => key.startsWith(space))
  }

  private invalidateIn(directory: Shadow, linear: number): void {
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
  }

  /** Drop the entries of a shadow that the guest's table no longer says. */
  private compare(shadow: Shadow): void {
    for (const index of [...shadow.entries.keys()])
      if (!this.isCurrent(shadow, index)) this.clear(shadow, index)
  }

  private isCurrent(shadow: Shadow, index: number): boolean {
    const entry = this.vm.machine.bus.read((shadow.guest << PAGE_SHIFT) + 4 * index, 32)
    if ((entry & (PRESENT | ACCESSED)) !== (PRESENT | ACCESSED)) return false
    const target = shadow.entries.get(index) as number
    if (shadow.key.startsWith("directory"))
      return (
        this.byPage.get(target)?.key === `table ${entry >>> PAGE_SHIFT} ${entry & RIGHTS} ${modeOf(shadow)}`
      )
    const granted = this.memory.get(addressOf(shadow.page) + 4 * index, 32)
    const rights = entry & RIGHTS & (entry & DIRTY_BIT ? RIGHTS : ~READ_WRITE)
    return entry >>> PAGE_SHIFT === target && (granted & RIGHTS & ~rights) === 0
  }

  // Pages for them

  /** A shadow that is not there yet. Its guest's table is write-protected from now on. */
  private add(key: string, guest: number): Shadow {
    const shadow = this.make(key, guest)
    if (guest !== NONE && !this.loose.has(guest)) this.protect(guest)
    return shadow
  }

  override dropAll(): void {
    super.dropAll()
    this.last = undefined
    this.loose.clear()
  }

  // Snapshots

  save(): ShadowState {
    const { used } = this
    return { shadows: this.saveTables(), loose: [...this.loose], watched: [...this.watched], used }
  }

  /** Put back what `save` gave. */
  restore({ shadows, loose, watched, used }: ShadowState): void {
    this.restoreTables(shadows, used)
    this.loose = new Set(loose)
    this.watched = new Map(watched)
  }
}

/** The mode that a shadow is for, which need not be the guest's present one: the end of its key. */
const modeOf = ({ key }: Shadow) => key.split(" ").slice(-2).join(" ")
