/**
 * Paging: the walk through page directory and page table, with entries of 32 bits, or of 64 bits under PAE.
 * @see SDM Vol. 3A §4.3 "32-Bit Paging", Tables 4-3 to 4-6; §4.4 "PAE Paging", Tables 4-8 to 4-11
 */
import { hex } from "../../numbers/int"
import { type Access, type PhysicalSpace, WRITE } from "../board/physical-space"
import type { Listener } from "../events/events"
import { Fault } from "../events/fault"
import { DIRTY, GLOBAL, LARGE, USER, WRITABLE } from "./tlb"

/**
 * An entry of 32 bits. That of a directory with PS set is a large page's, and has D and G as a table's has.
 *
 *      31                       12 11    9  8  7  6  5  4   3   2   1   0
 *     ┌───────────────────────────┬───────┬──┬──┬──┬──┬───┬───┬───┬───┬──┐
 *     │ page, or table, 4 KiB     │ free  │ G│PS│ D│ A│PCD│PWT│U/S│R/W│ P│
 *     └───────────────────────────┴───────┴──┴──┴──┴──┴───┴───┴───┴───┴──┘
 *
 * Under PAE an entry has 64 bits; the upper half is reserved here, for physical addresses have 32 bits.
 */
export const PRESENT = 1 << 0
export const READ_WRITE = 1 << 1
export const USER_SUPERVISOR = 1 << 2
export const ACCESSED = 1 << 5
export const DIRTY_BIT = 1 << 6
export const PAGE_SIZE_BIT = 1 << 7
export const GLOBAL_BIT = 1 << 8
/**
 * A page fault's error code. RSVD: a reserved bit of an entry is 1; P: the page is there, and a right is
 * missing.
 *
 *      31 4    3   2   1 0
 *     ┌────┬────┬───┬───┬─┐
 *     │ 0  │RSVD│U/S│W/R│P│
 *     └────┴────┴───┴───┴─┘
 *
 * @see SDM Vol. 3A §4.7 "Page-Fault Exceptions"
 */
export const ERROR_PRESENT = 1
export const ERROR_WRITE = 2
export const ERROR_USER = 4
export const ERROR_RESERVED = 8

/** A way to lay out page tables: by CR4.PAE and PSE. Without PAT, the bits that would choose from it are reserved. */
interface Format {
  readonly entryBytes: 4 | 8
  /** The bit of a linear address where the index into a page directory begins: a large page ends there. */
  readonly directoryShift: 21 | 22
  /** Of both indexes. */
  readonly indexMask: number
  /** The page-directory bit that makes a large page; 0: there are none. */
  readonly largeBit: number
  /** Bits that must be 0 in the lower half of an entry for a large and for a small page. */
  readonly largeReserved: number
  readonly smallReserved: number
}

const WORDS = { entryBytes: 4, directoryShift: 22, indexMask: 0x3ff } as const
/** CR4.PSE and PAE are clear: no bits are reserved. */
const SMALL: Format = { ...WORDS, largeBit: 0, largeReserved: 0, smallReserved: 0 }
/** CR4.PSE: pages of 4 MiB. */
const EXTENDED: Format = {
  ...WORDS,
  largeBit: PAGE_SIZE_BIT,
  largeReserved: 0x003f_f000,
  smallReserved: PAGE_SIZE_BIT,
}
/** CR4.PAE: entries of 64 bits, pages of 2 MiB. */
const PAE: Format = {
  entryBytes: 8,
  directoryShift: 21,
  indexMask: 0x1ff,
  largeBit: PAGE_SIZE_BIT,
  largeReserved: 0x001f_f000,
  smallReserved: PAGE_SIZE_BIT,
}

/** Where the tables are, and how they are laid out. */
export interface Tables {
  readonly cr3: number
  readonly format: Format
  /** The four page-directory-pointer-table entries that the processor loaded with CR3: their lower halves. PAE only. */
  readonly pointers: Int32Array
}

/** Tables as the control registers say. */
export function tablesOf(cr3: number, pse: boolean, pae: boolean, pointers: Int32Array): Tables {
  return { cr3, pointers, format: pae ? PAE : pse ? EXTENDED : SMALL }
}

const POINTER_SEE = 'SDM Vol. 3A §4.4.1 "PDPTE Registers"'
/** Bits 2:1 and 8:5 of a PDPTE, and its upper half: physical addresses have 32 bits. */
const POINTER_RESERVED = 0x1e6

/**
 * Read the four page-directory-pointer-table entries at a CR3: their lower halves.
 * @faults #GP(0) if one is present and has a reserved bit
 */
export function readPointers(cr3: number, read: (physical: number) => number): number[] {
  return [0, 1, 2, 3].map((n) => {
    const at = (cr3 & ~0x1f) + 8 * n
    const [low, high] = [read(at), read(at + 4)]
    if (low & PRESENT && (low & POINTER_RESERVED) | high)
      throw new Fault("#GP", 0, `a reserved bit of PDPTE ${n} is set`, POINTER_SEE)
    return low
  })
}

/** Physical address of the page-directory entry; null if its PDPTE is not present. */
export function directoryEntry(linear: number, { cr3, format, pointers }: Tables): number | null {
  const pointer = format === PAE ? pointers[linear >>> 30] : cr3 | PRESENT
  if (!(pointer & PRESENT)) return null
  const index = (linear >>> format.directoryShift) & format.indexMask
  return (pointer & 0xffff_f000) + index * format.entryBytes
}

/** Physical address of the page-table entry in the table that a page-directory entry names. */
export function tableEntry(linear: number, pde: number, format: Format): number {
  return (pde & 0xffff_f000) + ((linear >>> 12) & format.indexMask) * format.entryBytes
}

export const isLarge = (pde: number, format: Format): boolean => (pde & format.largeBit) !== 0

/** Physical address of the 4 KiB that a linear address lies in, within a large page. */
export function largeFrame(linear: number, pde: number, format: Format): number {
  const inside = (1 << format.directoryShift) - 1
  return (pde & ~inside) | (linear & inside & 0xffff_f000)
}

const SEE = 'SDM Vol. 3A §4.7 "Page-Fault Exceptions"'

/** Walks the tables. What a walk found stays in its fields until the next one. */
export class Walker {
  tables: Tables = tablesOf(0, false, false, new Int32Array(4))
  /** CR0.WP: supervisor writes respect read-only pages. */
  writeProtect = false
  listener: Listener | undefined
  /** Address of the 4 KiB page in the machine's memory. */
  frame = 0
  /** The TLB's USER, WRITABLE and DIRTY: both levels together. */
  rights = 0
  /** The TLB's GLOBAL and LARGE. */
  kind = 0

  constructor(
    /** Where the tables are, and the pages that they name. */
    readonly space: PhysicalSpace,
    /** Called for each entry read. */
    private readonly onReference: () => void,
  ) {}

  /**
   * Translate a linear address by walking the tables at CR3. Sets A in each entry used, and D in the leaf on a write.
   * @faults #PF with error code P, W/R, U/S, RSVD; CR2 is the linear address
   * @see SDM Vol. 3A §4.3, §4.4 "PAE Paging", §4.6 "Access Rights", §4.8 "Accessed and Dirty Flags"
   */
  walk(linear: number, access: Access, user: boolean): void {
    const write = (access & WRITE) !== 0
    const { format } = this.tables
    const pdeAddress = directoryEntry(linear, this.tables)
    if (pdeAddress === null) throw noPointer(linear, write, user)
    const pde = this.readEntry("PDE", pdeAddress, linear, write, user)
    if (isLarge(pde, format)) {
      this.check(pde & format.largeReserved, pde, "PDE", linear, write, user)
      this.mark(pdeAddress, pde, write)
      this.found(largeFrame(linear, pde, format), pde, pde, access, LARGE)
      return
    }
    const pteAddress = tableEntry(linear, pde, format)
    const pte = this.readEntry("PTE", pteAddress, linear, write, user)
    this.check(pte & format.smallReserved, pde & pte, "PTE", linear, write, user)
    this.mark(pdeAddress, pde, false)
    this.mark(pteAddress, pte, write)
    this.found(pte & 0xffff_f000, pde & pte, pte, access, 0)
  }

  private readEntry(level: Level, address: number, linear: number, write: boolean, user: boolean): number {
    const entry = this.space.read(address, 32)
    this.onReference()
    if (this.listener?.detail)
      this.listener.tell({ is: "walk", linear, level, address: address >>> 0, entry: entry >>> 0 })
    if (!(entry & PRESENT)) throw absent(level, address, linear, write, user)
    // Physical addresses have 32 bits and nothing is execute-disabled: the upper half of an entry is reserved.
    if (this.tables.format.entryBytes === 8 && this.space.read((address + 4) | 0, 32) !== 0)
      throw reserved(level, linear, write, user)
    return entry
  }

  /** Rights count only where both levels grant them. */
  private check(
    reservedBits: number,
    both: number,
    level: Level,
    linear: number,
    write: boolean,
    user: boolean,
  ): void {
    if (reservedBits !== 0) throw reserved(level, linear, write, user)
    const open = !user || (both & USER_SUPERVISOR) !== 0
    const writable = !write || (both & READ_WRITE) !== 0 || (!user && !this.writeProtect)
    if (!open || !writable) throw forbidden(open, linear, write, user)
  }

  private mark(address: number, entry: number, dirty: boolean): void {
    const bits = dirty ? ACCESSED | DIRTY_BIT : ACCESSED
    if ((entry & bits) !== bits) this.space.write(address, 32, entry | bits)
  }

  /** An entry without DIRTY is one whose next write must walk: so neither TLB nor engine need know of a space that forbids it. */
  private found(physical: number, both: number, leaf: number, access: Access, large: number): void {
    const { space } = this
    space.find(physical, access)
    this.frame = space.frame
    const dirty = access & WRITE || leaf & DIRTY_BIT
    this.rights =
      (both & USER_SUPERVISOR ? USER : 0) |
      (both & READ_WRITE ? WRITABLE : 0) |
      (dirty && space.writable ? DIRTY : 0)
    this.kind = (leaf & GLOBAL_BIT ? GLOBAL : 0) | large
  }
}

type Level = "PDE" | "PTE"

// Page faults

function pageFault(linear: number, write: boolean, user: boolean, code: number, why: () => string): Fault {
  const errorCode = code | (write ? ERROR_WRITE : 0) | (user ? ERROR_USER : 0)
  const says = () => `${write ? "write to" : "read of"} linear address ${hex(linear)}: ${why()}`
  return new Fault("#PF", errorCode, says, SEE, linear)
}

const noPointer = (linear: number, write: boolean, user: boolean) =>
  pageFault(linear, write, user, 0, () => `PDPTE ${linear >>> 30} is not present (P = 0)`)

const absent = (level: Level, address: number, linear: number, write: boolean, user: boolean) =>
  pageFault(linear, write, user, 0, () => `the ${level} at ${hex(address)} is not present (P = 0)`)

const reserved = (level: Level, linear: number, write: boolean, user: boolean) =>
  pageFault(
    linear,
    write,
    user,
    ERROR_PRESENT | ERROR_RESERVED,
    () => `a reserved bit of the ${level} is set`,
  )

/** @param open it is not the page's U/S that forbids the access */
function forbidden(open: boolean, linear: number, write: boolean, user: boolean): Fault {
  const readOnly = `the page is read-only (R/W = 0)${user ? "" : ", and CR0.WP = 1 binds the supervisor too"}`
  const why = open ? readOnly : "user code (CPL 3) may not touch a supervisor page (U/S = 0)"
  return pageFault(linear, write, user, ERROR_PRESENT, () => why)
}
