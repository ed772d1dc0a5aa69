/** What a picture of a step is made from, and how addresses get names. */
import type { Program } from "../isa/program"
import type { Explained, Replay } from "../machine/replay"
import { hex } from "../numbers/int"

/** The parts of a program that pictures need. */
export type Listing = Pick<Program, "symbols" | "source" | "lines"> & {
  readonly origin: number
  readonly bytes: Uint8Array
}

/** One moment of a run. */
export interface Moment {
  readonly replay: Replay
  /** The step that led here; undefined before the first. */
  readonly step: Explained | undefined
  readonly listing: Listing | undefined
}

/** Names that the source defines with `equ`: numbers, not places. */
function constants(source: string): Set<string> {
  return new Set([...source.matchAll(/^\s*([\w.$@?~#]+):?\s+equ\b/gim)].map(([, name]) => name))
}

/** Labels by address. Constants are symbols too, but they are no places. */
export function labelsOf(listing: Listing | undefined): ReadonlyMap<number, string> {
  const labels = new Map<number, string>()
  if (!listing) return labels
  const end = listing.origin + listing.bytes.length
  const numbers = constants(listing.source)
  for (const [name, address] of Object.entries(listing.symbols)) {
    const inside = address >= listing.origin && address <= end
    if (inside && !numbers.has(name) && !labels.has(address)) labels.set(address, name)
  }
  return labels
}

/** "handler", "handler + 3" or "00101000h". */
export function placeName(address: number, labels: ReadonlyMap<number, string>): string {
  const NEAR = 256
  for (let distance = 0; distance < NEAR; distance++) {
    const name = labels.get((address >>> 0) - distance)
    if (name !== undefined) return distance === 0 ? name : `${name} + ${distance}`
  }
  return hex(address)
}
