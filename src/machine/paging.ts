/**
 * 32-bit paging: the walk through page directory and page table.
 * @see SDM Vol. 3A §4.3 "32-Bit Paging", Tables 4-3 to 4-6
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
/** Bits 21:13 of a 4 MiB entry must be 0 on a machine with 32-bit physical addresses. */
const LARGE_RESERVED = 0x003f_e000

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

/** Control-register bits that matter to a walk, and what to tell about it. */
export interface WalkContext {
  readonly bus: Bus
  readonly cr3: number
  /** CR0.WP: supervisor writes respect read-only pages. */
  readonly writeProtect: boolean
  /** CR4.PSE: entries may map 4 MiB. */
  readonly largePages: boolean
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
 * Translate by walking the two-level tables at CR3. Sets A in each entry used, and D in the leaf on a write.
 * @faults #PF with error code P, W/R, U/S, RSVD; CR2 is the linear address
 * @see SDM Vol. 3A §4.3, §4.6 "Access Rights", §4.8 "Accessed and Dirty Flags"
 */
export function walk(linear: number, access: Access, context: WalkContext): Translation {
  const pdeAddress = (context.cr3 & 0xffff_f000) + ((linear >>> 22) << 2)
  const pde = readEntry("PDE", pdeAddress, linear, access, context)
  if (context.largePages && pde & PAGE_SIZE_BIT) {
    if (pde & LARGE_RESERVED)
      throw pageFault(linear, access, ERROR_PRESENT | ERROR_RESERVED, "a reserved bit of the PDE is set")
    checkRights(linear, access, context, pde)
    mark(context, pdeAddress, pde, leafBits(access))
    return translation(access, pde, pde, (pde & 0xffc0_0000) | (linear & 0x003f_f000), true)
  }
  const pteAddress = (pde & 0xffff_f000) + (((linear >>> 12) & 0x3ff) << 2)
  const pte = readEntry("PTE", pteAddress, linear, access, context)
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
  return entry
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
