/**
 * What a PC's board does with an address between the processor and memory: the A20 gate, and a ROM at the top of the first
 * megabyte that is seen a second time at the top of the 4 GiB, where a processor begins after a reset.
 */

/** The board's own state, plain data. */
export interface BoardState {
  /** Address line 20 is connected. If not, bit 20 of every physical address is 0, as an 8086 program may expect. */
  readonly a20: boolean
  /** Bytes of ROM below 1 MiB; 0: there is none. */
  readonly rom: number
}

const A20 = 1 << 20
const FIRST_MEGABYTE = 1 << 20
const FOUR_GIBIBYTES = 0x1_0000_0000
/** The largest ROM: more would lie where a video card has its memory. */
const LARGEST_ROM = 256 * 1024

export class Board {
  private open = true
  private romBytes = 0

  get a20(): boolean {
    return this.open
  }

  gateA20(open: boolean): void {
    this.open = open
  }

  /** @throws RangeError unless `bytes` is a whole number of pages, at most 256 KiB */
  putRom(bytes: number): void {
    if (!(bytes > 0 && bytes <= LARGEST_ROM && bytes % 4096 === 0))
      throw new RangeError(`a ROM of ${bytes} bytes: it must be whole pages of 4096 bytes, at most 256 KiB`)
    this.romBytes = bytes
  }

  /** Physical address of the ROM's first byte. */
  get romStart(): number {
    return FIRST_MEGABYTE - this.romBytes
  }

  isRom(physical: number): boolean {
    return physical >= this.romStart && physical < FIRST_MEGABYTE
  }

  /** Where an address ends up, as an unsigned number. Asking twice changes nothing. */
  place(physical: number): number {
    const address = physical >>> 0
    if (address >= FOUR_GIBIBYTES - this.romBytes) return address - FOUR_GIBIBYTES + FIRST_MEGABYTE
    return this.open ? address : (address & ~A20) >>> 0
  }

  save(): BoardState {
    return { a20: this.open, rom: this.romBytes }
  }

  restore({ a20, rom }: BoardState): void {
    this.open = a20
    this.romBytes = rom
  }
}
