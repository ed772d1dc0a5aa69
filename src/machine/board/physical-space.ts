/** What stands behind a physical address: the machine's own memory, or another that was made to look like it. */

/** What is done at an address: bits that go together, as in an exit qualification. @see SDM Vol. 3C §27.2.1 Table 27-7 */
export const READ = 1 << 0
export const WRITE = 1 << 1
export const FETCH = 1 << 2
/** Some of READ, WRITE and FETCH. */
export type Access = number

/**
 * Physical memory as a walk of page tables sees it. Addresses are 32 bits, in a number that may be negative.
 * The bus is one. A guest's memory behind extended page tables is another, and so is a look that leaves no trace.
 */
export interface PhysicalSpace {
  /** A page-table entry, or half of one. @faults what the space faults with */
  read(physical: number, size: 32): number
  /** @faults as `read` */
  write(physical: number, size: 32, value: number): void
  /**
   * Find the machine's page behind a physical address: it stands in `frame` and `writable` until the next call.
   * @faults as `read`
   */
  find(physical: number, access: Access): void
  /** Address of the page in the machine's memory, unsigned. */
  readonly frame: number
  /** Whether a write needs no further look. If not, the next write to the page must walk again. */
  readonly writable: boolean
}
