/** What a loader makes of a file: bytes with their physical addresses, and where to begin. */
import type { Machine } from "../machine/machine"
import { hex } from "../numbers/int"

/** Bytes that belong together. */
export interface Piece {
  /** Physical address of the first byte. */
  readonly address: number
  readonly bytes: Uint8Array
  /** Bytes in memory, at least as many as in `bytes`; the rest is zero. */
  readonly size: number
  readonly executable: boolean
}

/** A file read for loading. */
export interface Image {
  readonly pieces: readonly Piece[]
  /** Physical address of the first instruction. */
  readonly entry: number
}

const MEBIBYTE = 1 << 20

/** A flat binary: all of its bytes at one address, where it also begins. */
export function flatImage(bytes: Uint8Array, address: number): Image {
  return { pieces: [{ address, bytes, size: bytes.length, executable: true }], entry: address }
}

/** First address behind everything in an image. */
export const endOf = ({ pieces }: Image): number =>
  pieces.reduce((end, { address, size }) => Math.max(end, address + size), 0)

/**
 * Copy an image into memory and point EIP at its entry; the processor stays as it is.
 * @throws RangeError if memory is too small, telling how much would do
 */
export function loadImage(machine: Machine, image: Image): void {
  const { memory, cpu } = machine
  const end = endOf(image)
  if (end > memory.size)
    throw new RangeError(
      `it reaches up to ${hex(end)}, which needs ${Math.ceil(end / MEBIBYTE)} MiB of memory, but the machine has ${memory.size / MEBIBYTE}`,
    )
  for (const { address, bytes, size } of image.pieces) {
    memory.write(address, bytes)
    memory.write(address + bytes.length, new Uint8Array(size - bytes.length))
  }
  cpu.eip = image.entry | 0
}
