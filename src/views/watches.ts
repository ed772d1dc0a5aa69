/** Memory that a reader pinned: `esp`, `[counter]`, `ebp-8`, `102000`. */
import { NAMES32 } from "../isa/registers"
import type { Event } from "../machine/events/events"
import type { Machine } from "../machine/machine"
import { peekByte } from "../machine/time/peek"
import type { Listing, Moment } from "./context"
import type { MemoryPanel } from "./view"

const ROWS = 4
const BYTES_A_ROW = 16

/** The address that a text names, or undefined. Terms are registers, symbols or numbers, joined by + and -. */
function resolvePin(text: string, machine: Machine, listing: Listing | undefined): number | undefined {
  const terms = text.replace(/[[\]\s]/g, "").match(/[+-]?[^+-]+/g)
  if (!terms) return undefined
  let sum = 0
  for (const term of terms) {
    const negative = term.startsWith("-")
    const value = termValue(term.replace(/^[+-]/, ""), machine, listing, terms.length > 1)
    if (value === undefined) return undefined
    sum += negative ? -value : value
  }
  return sum >>> 0
}

/** A lone number is hexadecimal; beside a register it is decimal unless written 0x… or …h. */
function termValue(
  term: string,
  machine: Machine,
  listing: Listing | undefined,
  beside: boolean,
): number | undefined {
  const register = NAMES32.indexOf(term.toUpperCase() as (typeof NAMES32)[number])
  if (register >= 0) return machine.cpu.reg[register]
  if (term.toUpperCase() === "EIP") return machine.cpu.eip
  if (listing && Object.hasOwn(listing.symbols, term)) return listing.symbols[term]
  const hexadecimal = /^(?:0x([0-9a-f]{1,8})|([0-9a-f]{1,8})h)$/i.exec(term)
  if (hexadecimal) return Number.parseInt(hexadecimal[1] ?? hexadecimal[2], 16)
  if (beside && /^\d{1,10}$/.test(term)) return Number(term)
  return /^[0-9a-f]{1,8}$/i.test(term) ? Number.parseInt(term, 16) : undefined
}

/** Linear addresses of the bytes that a step wrote. */
function writtenBytes(events: readonly Event[]): Set<number> {
  const written = new Set<number>()
  for (const event of events)
    if (event.is === "write") for (let n = 0; n < event.size / 8; n++) written.add((event.linear + n) >>> 0)
  return written
}

/** A panel for each pin; one that names nothing has no rows. */
export function memoryPanels(
  { replay: { machine }, step, listing }: Moment,
  pins: readonly string[],
): MemoryPanel[] {
  const written = writtenBytes(step?.events ?? [])
  return pins.map((pin) => {
    const start = resolvePin(pin, machine, listing)
    if (start === undefined) return { title: pin, rows: [] }
    return {
      title: pin,
      rows: Array.from({ length: ROWS }, (_, row) =>
        memoryRow(machine, (start + row * BYTES_A_ROW) >>> 0, written),
      ),
    }
  })
}

function memoryRow(
  machine: Machine,
  address: number,
  written: ReadonlySet<number>,
): MemoryPanel["rows"][number] {
  const indices = Array.from({ length: BYTES_A_ROW }, (_, n) => n)
  return {
    address,
    bytes: indices.map((n) => peekByte(machine, (address + n) | 0)),
    changed: indices.filter((n) => written.has((address + n) >>> 0)),
  }
}
