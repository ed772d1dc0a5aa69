/** Memory as a cell shows it: its size, and which parts of it are not zeros. */
import type { Card } from "../../numbers/card"
import { hex } from "../../numbers/int"

const PAGE = 4096
/** Parts that are listed. */
const PARTS = 10
/** Bytes of each that are shown. */
const BYTES = 8

interface Readable {
  readonly size: number
  page(number: number): Uint8Array
}

/** The card of a memory. */
export function memoryCard(memory: Readable): Card {
  const parts = partsOf(memory)
  const pages = parts.reduce((sum, { pages }) => sum + pages, 0)
  const rest = parts.length - PARTS
  return {
    title: `Memory of ${sizeText(memory.size)}, ${pages === 0 ? "all zeros" : `of which ${sizeText(pages * PAGE)} hold something`}`,
    rows: parts.slice(0, PARTS).map(({ first, pages }) => {
      const start = first * PAGE
      return [`${hex(start)} to ${hex(start + pages * PAGE - 1)}`, firstBytes(memory.page(first), start)]
    }),
    more: rest > 0 ? `… ${rest} more parts` : undefined,
  }
}

const sizeText = (bytes: number) => (bytes % (1 << 20) === 0 ? `${bytes >> 20} MiB` : `${bytes >> 10} KiB`)

/** Pages in a row that are not all zeros. */
function partsOf(memory: Readable): { first: number; pages: number }[] {
  const parts: { first: number; pages: number }[] = []
  for (let number = 0; number < memory.size / PAGE; number++) {
    if (memory.page(number).every((byte) => byte === 0)) continue
    const last = parts.at(-1)
    if (last && last.first + last.pages === number) last.pages++
    else parts.push({ first: number, pages: 1 })
  }
  return parts
}

function firstBytes(page: Uint8Array, start: number): string {
  const at = page.findIndex((byte) => byte !== 0)
  const shown = Array.from(page.subarray(at, at + BYTES), (byte) =>
    byte.toString(16).toUpperCase().padStart(2, "0"),
  )
  return `${hex(start + at)}: ${shown.join(" ")} …`
}
