/** What a loader makes of a file: bytes with their physical addresses, and where to begin. */

import type { Machine } from "../machine/machine"
import { type Card, withCard } from "../numbers/card"
import { hex } from "../numbers/int"

/** Bytes that belong together. */
export interface Piece {
  /** Physical address of the first byte. */
  readonly address: number
  /** What the file holds for it; may be empty. */
  readonly bytes: Uint8Array
  /** Bytes in memory, at least as many as in `bytes`; the rest is zero. */
  readonly size: number
  /** Whether there is code in it. Memory makes no difference: it is for readers of the file. */
  readonly executable: boolean
}

/** A file read for loading. */
export interface Image {
  /** What to load, in the file's order. */
  readonly pieces: readonly Piece[]
  /** Physical address of the first instruction. */
  readonly entry: number
}

const MEBIBYTE = 1 << 20
const PAGE = 4096
const LAST_ADDRESS = 0xffff_ffff

const PIECES = 12

/** What a cell shows of a file read for loading. */
export const imageCard = ({ pieces, entry }: Image): Card => ({
  title: `File to load, starts at ${hex(entry)}`,
  rows: pieces
    .slice(0, PIECES)
    .map(({ address, size, executable }) => [
      `${hex(address)} to ${hex(address + size - 1)}`,
      `${size.toLocaleString("en")} bytes`,
      executable ? "code" : "data",
    ]),
  more: pieces.length > PIECES ? `… ${pieces.length - PIECES} more pieces` : undefined,
})

/** A flat binary: all of its bytes at one address, where it also begins. */
export function flatImage(bytes: Uint8Array, address: number): Image {
  return withCard(
    { pieces: [{ address, bytes, size: bytes.length, executable: true }], entry: address },
    imageCard,
  )
}

/** A place in low memory that kernels leave alone, above the stack that the machine begins with. */
const LOW_PLACE = 0x9_1000
const LOW_END = 0xa_0000
/** The boot loader's GDT: null, flat code, flat data, as the segment registers hold them already. */
const GDT = [0, 0, 0xffff, 0xcf_9b00, 0xffff, 0xcf_9300]
const GDT_SIZE = 4 * GDT.length

/** First address behind everything in an image. */
export const endOf = ({ pieces }: Image): number =>
  pieces.reduce((end, { address, size }) => Math.max(end, address + size), 0)

/** Where a boot loader keeps its own things: in low memory if the image leaves it free, else in the page behind the image. */
function placeOf(image: Image): number {
  const taken = image.pieces.some(({ address, size }) => address < LOW_END && address + size > LOW_PLACE)
  return taken ? Math.ceil(endOf(image) / PAGE) * PAGE : LOW_PLACE
}

/** Where there is room for what a boot loader tells an image, behind its GDT. */
export const roomBeside = (image: Image): number => placeOf(image) + GDT_SIZE

/** A kernel that fills an IDT with selectors 08h before it has a GDT of its own relies on the boot loader's. */
function leaveGdt({ memory, cpu }: Machine, place: number): void {
  if (place + GDT_SIZE > memory.size) return
  memory.write(place, new Uint8Array(Uint32Array.from(GDT).buffer))
  cpu.gdtr.base = place
  cpu.gdtr.limit = GDT_SIZE - 1
}

function checkEnd(end: number, size: number): void {
  const beyond = end - 1 - LAST_ADDRESS
  if (beyond > 0)
    throw new RangeError(
      `it reaches ${beyond} byte${beyond === 1 ? "" : "s"} beyond ${hex(LAST_ADDRESS)}, the last address there is`,
    )
  if (end > size)
    throw new RangeError(
      `it reaches up to ${hex(end - 1)}, which needs ${Math.ceil(end / MEBIBYTE)} MiB of memory, but the machine has ${size / MEBIBYTE}`,
    )
}

/**
 * Copy an image into memory, a boot loader's GDT beside it, and point EIP at its entry.
 * @throws RangeError if memory is too small, telling how much would do
 */
export function loadImage(machine: Machine, image: Image): void {
  const { memory, cpu } = machine
  checkEnd(endOf(image), memory.size)
  for (const { address, bytes, size } of image.pieces) {
    memory.write(address, bytes)
    memory.write(address + bytes.length, new Uint8Array(size - bytes.length))
  }
  leaveGdt(machine, placeOf(image))
  cpu.eip = image.entry | 0
}
