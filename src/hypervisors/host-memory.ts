/**
 * Which of the machine's pages belong to whom. Pages are given away scattered, as they are in a machine that has run for a while: so
 * nothing may rely on the neighbours of a page. Who asks in the same order gets the same pages.
 */
import { PAGE_SHIFT } from "../machine/board/memory"

/** The first MiB is left to the firmware, the screen and the boot loader. */
const FIRST_PAGE = 256
/** Distance of two pages that are given away one after the other; a prime, so that all pages have their turn. */
const STRIDE = 1009

export class HostMemory {
  private readonly owners: (string | undefined)[]
  private next = 0

  /** @param pages pages of 4 KiB that the machine has */
  constructor(pages: number) {
    this.owners = new Array(Math.max(0, pages - FIRST_PAGE)).fill(undefined)
  }

  /** Pages that nobody has. */
  get free(): number {
    return this.owners.filter((owner) => owner === undefined).length
  }

  /**
   * Give pages away, as physical addresses divided by 4096.
   * @throws RangeError if there are not so many
   */
  allocate(count: number, owner: string): number[] {
    if (count > this.free)
      throw new RangeError(
        `${owner} wants ${count} pages, and the machine has ${this.free} left: give it more memory`,
      )
    return Array.from({ length: count }, () => this.take(owner))
  }

  private take(owner: string): number {
    const { owners } = this
    const step = owners.length % STRIDE === 0 ? 1 : STRIDE
    while (owners[this.next] !== undefined) this.next = (this.next + step) % owners.length
    owners[this.next] = owner
    return FIRST_PAGE + this.next
  }

  /** Whose a page is; undefined: nobody's. */
  ownerOf(page: number): string | undefined {
    return this.owners[page - FIRST_PAGE]
  }
}

/** Physical address of a page. */
export const addressOf = (page: number): number => (page << PAGE_SHIFT) >>> 0
