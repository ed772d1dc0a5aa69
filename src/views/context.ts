/** What a picture of a step is made from, and how addresses get names. */
import type { Program } from "../isa/program"
import type { Explained, Replay } from "../machine/time/replay"
import { hex } from "../numbers/int"
import type { Pushed } from "./pushed"

/** The parts of a program that pictures need. */
export type Listing = Pick<Program, "origin" | "bytes" | "symbols" | "labels" | "source" | "lines"> & {
  /** It is the program of a virtual machine: a page of it may be there, and not in the tables of the processor yet. */
  readonly isGuest?: boolean
}

/** One moment of a run. */
export interface Moment {
  readonly replay: Replay
  /** The step that led here; undefined before the first. */
  readonly step: Explained | undefined
  readonly listing: Listing | undefined
  /** What earlier steps pushed, frame by frame, the latest last. */
  readonly pushed: readonly (readonly Pushed[])[]
}

/** The first label of each address. */
export function labelsOf(listing: Listing | undefined): ReadonlyMap<number, string> {
  const byAddress = new Map<number, string>()
  for (const [name, address] of Object.entries(listing?.labels ?? {}))
    if (!byAddress.has(address)) byAddress.set(address, name)
  return byAddress
}

/** "handler", "handler + 3" or "00101000h"; `mark` sets the label off from what stands around it. */
export function placeName(
  address: number,
  labels: ReadonlyMap<number, string>,
  mark = (label: string) => label,
): string {
  const NEAR = 256
  for (let distance = 0; distance < NEAR; distance++) {
    const name = labels.get((address >>> 0) - distance)
    if (name !== undefined) return distance === 0 ? mark(name) : `${mark(name)} + ${distance}`
  }
  return hex(address)
}

/** A place within a sentence, where a label such as `back` would be read as a word of it. */
export const quotedPlace = (address: number, labels: ReadonlyMap<number, string>): string =>
  placeName(address, labels, (label) => `“${label}”`)
