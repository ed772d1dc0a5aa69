/** Two panels beside each other whose lines are brought to the same height: stacks by their addresses, listings by theirs. */
import type { CodeLine, Frame } from "../view"
import type { CodePlace } from "./code"

/** Rows that the left stack begins below the right one, if their addresses are near enough to be brought to one height. */
export function stackShift(left: Frame, right: Frame): number {
  const [one, other] = [left, right].map(({ stack }) => stack[0]?.address ?? 0)
  const rows = (one - other) / 4
  return Number.isInteger(rows) && Math.abs(rows) <= MOST_SHIFT ? rows : 0
}

const MOST_SHIFT = 6

type Listing = readonly CodeLine[]

/** Room for the lines of both listings in either; undefined if they have no line in common. */
export function placesFor(
  left: Listing,
  right: Listing,
): readonly [readonly CodePlace[], readonly CodePlace[]] | undefined {
  const of = (code: Listing, address: number) => code.find((line) => line.address === address)
  if (!left.some(({ address }) => of(right, address))) return undefined
  const addresses = [...new Set([...left, ...right].map(({ address }) => address))].sort((a, b) => a - b)
  const places = addresses.map((address, n) => {
    const lines = [of(left, address), of(right, address)]
    const there = lines.filter((line) => line !== undefined)
    const hasLabel = there.some(({ label }) => label !== undefined)
    const hasGap = n > 0 && there.every((line) => line.gapBefore || line === left[0] || line === right[0])
    return lines.map((line): CodePlace => ({ line, hasLabel, hasGap }))
  })
  return [places.map(([line]) => line), places.map(([, line]) => line)]
}
