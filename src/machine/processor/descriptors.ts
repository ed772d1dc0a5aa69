/**
 * Segment descriptors: their format, what their bits mean, and those that were read lately.
 * @see SDM Vol. 3A §3.4.5 "Segment Descriptors"
 */

/**
 * Access rights as the VMCS keeps them: bits 8-23 of a descriptor's upper half, without those of the limit. A
 * segment register adds "unusable": it holds a null selector.
 *
 *      31 17       16 15  14 13  12 11 8 7 6  5 4 3   0
 *     ┌─────┬────────┬──┬───┬──┬───┬────┬─┬────┬─┬─────┐
 *     │ 0   │unusable│ G│D/B│ 0│AVL│ 0  │P│ DPL│S│ type│
 *     └─────┴────────┴──┴───┴──┴───┴────┴─┴────┴─┴─────┘
 *
 * @see SDM Vol. 3C §24.4.1 "Guest Register State", Table 24-2
 */
export const TYPE = 0xf
export const TYPE_ACCESSED = 1
/** Data: writable. Code: readable. */
export const TYPE_WRITE_READ = 2
/** Data: expand-down. Code: conforming. */
export const TYPE_DOWN_CONFORMING = 4
export const TYPE_CODE = 8
/** S: code or data, not a system descriptor. */
export const NOT_SYSTEM = 1 << 4
export const PRESENT_BIT = 1 << 7
/** D/B: 32-bit code or stack. */
export const BIG = 1 << 14
/** G: the limit counts pages. */
export const GRANULAR = 1 << 15
export const UNUSABLE = 1 << 16

/** Base 0, limit 4 GiB: what SYSENTER loads, and what a boot loader leaves. */
export const FLAT = { base: 0, limit: 0xffff_ffff } as const
/** Rights of such segments in ring 0, readable and writable. */
export const FLAT_DATA = PRESENT_BIT | NOT_SYSTEM | TYPE_WRITE_READ | TYPE_ACCESSED | BIG | GRANULAR
export const FLAT_CODE = FLAT_DATA | TYPE_CODE

/** Types of system descriptors. @see SDM Vol. 3A §3.5 Table 3-2 "System-Segment and Gate-Descriptor Types" */
export const TYPE_LDT = 0x2
export const TYPE_TSS_AVAILABLE = 0x9
export const TYPE_TSS_BUSY = 0xb

/** What a segment register keeps of a descriptor. */
export interface Cache {
  readonly base: number
  /** Of the last byte, unsigned, granularity applied. */
  readonly limit: number
  readonly access: number
}

/** A descriptor taken apart. */
export interface Descriptor extends Cache {
  /** Linear address of the descriptor itself. */
  readonly at: number
  /** Its two doublewords. */
  readonly low: number
  readonly high: number
}

export const dpl = (access: number) => (access >> 5) & 3
export const isCode = (access: number) => (access & (NOT_SYSTEM | TYPE_CODE)) === (NOT_SYSTEM | TYPE_CODE)
export const isConforming = (access: number) => (access & TYPE_DOWN_CONFORMING) !== 0
export const isWritableData = (access: number) =>
  (access & (NOT_SYSTEM | TYPE_CODE | TYPE_WRITE_READ)) === (NOT_SYSTEM | TYPE_WRITE_READ)
/**
 * The ring that a saved or present CS runs in: its DPL; conforming code runs in the ring that came to it, which the
 * selector's low bits keep. In real-address mode the cache says ring 0, in virtual-8086 mode ring 3, whatever the selector.
 */
export const ringOfCode = (selector: number, access: number) =>
  isCode(access) && isConforming(access) ? selector & 3 : dpl(access)
export const isReadable = (access: number) => !isCode(access) || (access & TYPE_WRITE_READ) !== 0
export const isPresent = (access: number) => (access & PRESENT_BIT) !== 0

/**
 * Take a descriptor's two doublewords apart: the upper one, at address + 4, and the lower one.
 *
 *      31       24 23  22 21  20 19        16 15 14 13 12 11  8 7         0
 *     ┌───────────┬──┬───┬──┬───┬────────────┬──┬─────┬──┬─────┬───────────┐
 *     │ base 31:24│ G│D/B│ 0│AVL│ limit 19:16│ P│ DPL │ S│ type│ base 23:16│
 *     └───────────┴──┴───┴──┴───┴────────────┴──┴─────┴──┴─────┴───────────┘
 *
 *      31                              16 15                              0
 *     ┌──────────────────────────────────┬─────────────────────────────────┐
 *     │ base 15:0                        │ limit 15:0                      │
 *     └──────────────────────────────────┴─────────────────────────────────┘
 *
 * @see SDM Vol. 3A §3.4.5 "Segment Descriptors"
 */
export function readDescriptor(low: number, high: number, at = 0): Descriptor {
  const limit = (low & 0xffff) | (high & 0xf_0000)
  const pages = (high & (1 << 23)) !== 0
  return {
    base: (low >>> 16) | ((high & 0xff) << 16) | (high & 0xff00_0000),
    limit: pages ? ((limit << 12) | 0xfff) >>> 0 : limit,
    access: (high >>> 8) & 0xf0ff,
    at,
    low,
    high,
  }
}

const KNOWN = 64

/** Descriptors as they were read last: one that is still the same in memory need not be taken apart again. */
export class KnownDescriptors {
  /** At first one that no address has. Its limit is as large as any, so that all descriptors have one shape. */
  private readonly known: Descriptor[] = new Array(KNOWN).fill(readDescriptor(0xffff, 0x8f_0000, -1))

  /** The descriptor whose two doublewords stand at a linear address. */
  take(low: number, high: number, at: number): Descriptor {
    const slot = (at >>> 3) % KNOWN
    const known = this.known[slot]
    if (known.low === low && known.high === high && known.at === at) return known
    const read = readDescriptor(low, high, at)
    this.known[slot] = read
    return read
  }
}
