/**
 * Paging: the walk through page directory and page table, with entries of 32 bits, or of 64 bits under PAE.
 * @see SDM Vol. 3A §4.3 "32-Bit Paging", Tables 4-3 to 4-6; §4.4 "PAE Paging", Tables 4-8 to 4-11
 */
import { hex } from "../numbers/int"
import type { Bus } from "./bus"
import type { Listener } from "./events"
import { Fault } from "./fault"

/** Bits of a page-directory or page-table entry. */
export const PRESENT = 1 << 0
export const READ_WRITE = 1 << 1
export const USER_SUPERVISOR = 1 << 2
export const ACCESSED = 1 << 5
export const DIRTY_BIT = 1 << 6
export const PAGE_SIZE_BIT = 1 << 7
export const GLOBAL_BIT = 1 << 8
/** Bits of a page fault's error code. @see SDM Vol. 3A §4.7 "Page-Fault Exceptions" */
export const ERROR_PRESENT = 1
export const ERROR_WRITE = 2
export const ERROR_USER = 4
export const ERROR_RESERVED = 8

/** What is asked of a translation. */
export interface Access {
  readonly write: boolean
  readonly user: boolean
}

/** A way to lay out page tables: by CR4.PAE and PSE. Without PAT, the bits that would choose from it are reserved. */
export interface Format {
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

/** Control-register bits that matter to a walk, and what to tell about it. */
export interface WalkContext {
  readonly bus: Bus
  readonly tables: Tables
  /** CR0.WP: supervisor writes respect read-only pages. */
  readonly writeProtect: boolean
  readonly listener: Listener | undefined
  /** Called for each entry read. */
  reference(): void
}

/** What a walk found. */
export interface Translation {
  /** Physical address of the 4 KiB page. */
  readonly frame: number
  /** Both levels together. */
  readonly user: boolean
  readonly writable: boolean
  readonly dirty: boolean
  readonly global: boolean
  readonly large: boolean
}

const SEE = 'SDM Vol. 3A §4.7 "Page-Fault Exceptions"'

/**
 * Translate by walking the tables at CR3. Sets A in each entry used, and D in the leaf on a write.
 * @faults #PF with error code P, W/R, U/S, RSVD; CR2 is the linear address
 * @see SDM Vol. 3A §4.3, §4.4 "PAE Paging", §4.6 "Access Rights", §4.8 "Accessed and Dirty Flags"
 */
export function walk(linear: number, access: Access, context: WalkContext): Translation {
  const { format } = context.tables
  const pdeAddress = directoryEntry(linear, context.tables)
  if (pdeAddress === null) throw pageFault(linear, access, 0, `PDPTE ${linear >>> 30} is not present (P = 0)`)
  const pde = readEntry("PDE", pdeAddress, linear, access, context)
  if (isLarge(pde, format)) {
    refuseReserved("PDE", pde & format.largeReserved, linear, access)
    checkRights(linear, access, context, pde)
    mark(context, pdeAddress, pde, leafBits(access))
    return translation(access, pde, pde, largeFrame(linear, pde, format), true)
  }
  const pteAddress = tableEntry(linear, pde, format)
  const pte = readEntry("PTE", pteAddress, linear, access, context)
  refuseReserved("PTE", pte & format.smallReserved, linear, access)
  checkRights(linear, access, context, pde & pte)
  mark(context, pdeAddress, pde, ACCESSED)
  mark(context, pteAddress, pte, leafBits(access))
  return translation(access, pde & pte, pte, pte & 0xffff_f000, false)
}

function readEntry(
  level: "PDE" | "PTE",
  address: number,
  linear: number,
  access: Access,
  context: WalkContext,
): number {
  const entry = context.bus.read(address, 32)
  context.reference()
  if (context.listener?.detail)
    context.listener.tell({ is: "walk", linear, level, address: address >>> 0, entry: entry >>> 0 })
  if (!(entry & PRESENT))
    throw pageFault(linear, access, 0, `the ${level} at ${hex(address)} is not present (P = 0)`)
  // Physical addresses have 32 bits and nothing is execute-disabled: the upper half of an entry is reserved.
  if (context.tables.format.entryBytes === 8)
    refuseReserved(level, context.bus.read((address + 4) | 0, 32), linear, access)
  return entry
}

function refuseReserved(level: "PDE" | "PTE", reserved: number, linear: number, access: Access): void {
  if (reserved !== 0)
    throw pageFault(linear, access, ERROR_PRESENT | ERROR_RESERVED, `a reserved bit of the ${level} is set`)
}

/** Rights count only where both levels grant them. */
function checkRights(linear: number, access: Access, context: WalkContext, both: number): void {
  if (access.user && !(both & USER_SUPERVISOR))
    throw pageFault(
      linear,
      access,
      ERROR_PRESENT,
      "user code (CPL 3) may not touch a supervisor page (U/S = 0)",
    )
  if (!access.write || both & READ_WRITE) return
  if (access.user) throw pageFault(linear, access, ERROR_PRESENT, "the page is read-only (R/W = 0)")
  if (context.writeProtect)
    throw pageFault(
      linear,
      access,
      ERROR_PRESENT,
      "the page is read-only (R/W = 0), and CR0.WP = 1 binds the supervisor too",
    )
}

const leafBits = (access: Access) => (access.write ? ACCESSED | DIRTY_BIT : ACCESSED)

function translation(access: Access, both: number, leaf: number, frame: number, large: boolean): Translation {
  return {
    frame: frame >>> 0,
    user: (both & USER_SUPERVISOR) !== 0,
    writable: (both & READ_WRITE) !== 0,
    dirty: access.write || (leaf & DIRTY_BIT) !== 0,
    global: (leaf & GLOBAL_BIT) !== 0,
    large,
  }
}

function mark(context: WalkContext, address: number, entry: number, bits: number): void {
  if ((entry & bits) !== bits) context.bus.write(address, 32, entry | bits)
}

function pageFault(linear: number, access: Access, code: number, why: string): Fault {
  const errorCode = code | (access.write ? ERROR_WRITE : 0) | (access.user ? ERROR_USER : 0)
  const deed = access.write ? "write to" : "read of"
  return new Fault("#PF", errorCode, `${deed} linear address ${hex(linear)}: ${why}`, SEE, linear)
}
