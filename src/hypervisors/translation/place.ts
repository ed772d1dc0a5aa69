/**
 * Where translated code lives: in the top 4 MiB, which no segment of the guest's reaches. Ring 1 gets there by two segments of the
 * monitor's, one for code, one for the cells that GS leads to.
 *
 *     FFD00000   translation cache
 *     FFFF4000   cells
 *     FFFF5000   POPF's tables
 *     FFFF6000   cells once more, while IF may be set without the monitor
 *     FFFF7000   never there
 */
import { PRESENT, READ_WRITE } from "../../machine/address/paging"
import type { Ring0 } from "../../machine/board/device"
import { FLAT_CODE, FLAT_DATA, GRANULAR } from "../../machine/processor/descriptors"
import { descriptor, GUEST_SELECTORS, MONITOR_CODE, type Rooms } from "../deprivileged/house"
import type { MachineMemory } from "../guest-memory"
import { addressOf, type HostMemory } from "../host-memory"
import { CELL, popfTables, SETS_IF } from "./cells"
import type { Words } from "./map"

/** Linear addresses. */
export const CACHE = 0xffd0_0000
export const CELLS = 0xffff_4000
const CELL_PAGES = 4
/** Selectors of ring 1: code, and what GS leads to. */
export const TRANSLATED_CODE = (MONITOR_CODE + 32) | 1
export const TRANSLATED_DATA = (MONITOR_CODE + 40) | 1
const DPL_1 = 1 << 5
const PAGE = 0x1000

export class TranslationPlace {
  readonly cache: Words
  readonly cells: Words
  private readonly cachePages: readonly number[]
  private readonly cellPages: readonly number[]

  /** @param pages of the cache, 1 to 512 */
  constructor(
    private readonly rooms: Rooms,
    private readonly memory: MachineMemory,
    host: HostMemory,
    readonly pages: number,
  ) {
    this.cachePages = host.allocate(pages, "monitor").map(addressOf)
    this.cellPages = host.allocate(2, "monitor").map(addressOf)
    this.cache = this.words(this.cachePages)
    this.cells = this.words(this.cellPages)
  }

  private words(pages: readonly number[]): Words {
    const { memory } = this
    const at = (offset: number) => pages[offset >>> 12] + (offset & 0xfff)
    return {
      get: (offset) => memory.get(at(offset), 32),
      set: (offset, value) => memory.set(at(offset), 32, value),
    }
  }

  /** Map it, and write what never changes. */
  furnish(): void {
    for (const [n, page] of this.cachePages.entries()) this.map(CACHE + n * PAGE, page)
    for (const [n, page] of this.cellPages.entries()) this.map(CELLS + n * PAGE, page)
    const own = [
      ...descriptor(0, 0xf_ffff, FLAT_CODE | DPL_1),
      ...descriptor(CELLS, CELL_PAGES * PAGE - 1, (FLAT_DATA & ~GRANULAR) | DPL_1),
    ]
    const at = this.rooms.gdt[1] + 8 * (GUEST_SELECTORS - 512) + 32
    for (const [n, word] of own.entries()) this.memory.set(at + 4 * n, 32, word)
    const { to, values } = popfTables()
    for (let n = 0; n < to.length; n++) {
      this.cells.set(CELL.to + 4 * n, to[n])
      this.cells.set(CELL.values + 4 * n, values[n])
    }
  }

  private map(linear: number, physical: number): void {
    this.memory.set(this.entryOf(linear), 32, physical | PRESENT | READ_WRITE)
  }

  private entryOf(linear: number): number {
    return this.rooms.area + 4 * ((linear >>> 12) & 0x3ff)
  }

  /** Whether the guest's IF may be set without the monitor. */
  letSetIf(ring0: Ring0, may: boolean): void {
    const at = this.entryOf(CELLS + SETS_IF)
    const entry = may ? this.cellPages[0] | PRESENT | READ_WRITE : 0
    if (this.memory.get(at, 32) === (entry | 0)) return
    this.memory.set(at, 32, entry)
    ring0.invalidate(CELLS + SETS_IF)
  }

  /** Whether a linear address is in one of the cells' pages. */
  static isCell(linear: number): boolean {
    return (linear - CELLS) >>> 0 < CELL_PAGES * PAGE
  }
}
