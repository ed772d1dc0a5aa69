/**
 * A page walk: a linear address split into the indexes of directory and table and an offset, the entries that they name in this machine,
 * and the physical address. A virtual machine's physical address is the guest's, and lies somewhere else in the machine.
 *
 *     directory │ table │ offset
 *         ▼         ▼       ▼
 *     CR3 ► PDE ──► PTE ──► physical address ──► in the machine
 */
import { GuestMemory } from "../../hypervisors/guest-memory"
import {
  ACCESSED,
  DIRTY_BIT,
  directoryEntry,
  isLarge,
  PRESENT,
  READ_WRITE,
  tableEntry,
  USER_SUPERVISOR,
} from "../../machine/address/paging"
import { PAGE_SHIFT } from "../../machine/board/memory"
import type { Machine } from "../../machine/machine"
import { CR0 } from "../../machine/processor/control"
import { hex } from "../../numbers/int"
import { between, block, bottom, EDGE, type Field, INNER, level, type Piece, page, strip, TOP } from "./kit"
import type { BoxLook, Scene } from "./scene"
import { binary, needWhole } from "./words"

/** A place on the way. */
interface Stop {
  readonly name: string
  readonly words: readonly string[]
  readonly look?: BoxLook
}

/** Draw the walk of an address. */
export function walkScene(machine: Machine, linear: number): Scene {
  needWhole(linear, 0xffff_ffff, "a linear address")
  const paged = (machine.cpu.readControl(0) & CR0.PG) !== 0
  const { stops: way, physical } = paged ? walk(machine, linear) : unpaged(linear)
  const stops = [...way, ...inMachine(machine, physical)]
  const parts = paged ? splitFields(machine, linear) : [wholeField(linear)]
  const fields = strip(EDGE, TOP, INNER, parts)
  const blocks = drawStops(stops, bottom(fields) + 28)
  const arrows = blocks.slice(1).map((one, n) => between(blocks[n], one))
  const says = stops.map(({ name, words }) => `${name}: ${words.join(", ")}.`)
  const title = `Page walk of linear address ${hex(linear)}`
  const split = `${paged ? "Split" : "Not split"}: ${parts.map(({ name, value }) => `${name} ${value}`).join(", ")}.`
  return page(title, [split, ...says], [fields, ...blocks, between(fields, blocks[0]), ...arrows])
}

const wholeField = (linear: number): Field => ({ bits: "31–0", name: "linear address", value: hex(linear) })
const unpaged = (linear: number): Walk => ({
  stops: [{ name: "Paging is off", words: ["CR0.PG is 0", `physical ${hex(linear)}`], look: "hot" }],
  physical: linear,
})

/** The fields, as wide as the tables' format has them: 10, 10 and 12 bits, or 9, 9 and 12 under PAE; in a large page the table's index is part of the offset. */
function splitFields(machine: Machine, linear: number): Field[] {
  const { format } = machine.cpu.tables
  const { directoryShift, indexMask, entryBytes } = format
  const entry = directoryEntry(linear, machine.cpu.tables)
  const pde = entry === null ? 0 : entryAt(machine, entry)
  const large = (pde & PRESENT) !== 0 && isLarge(pde, format)
  const indexBits = entryBytes === 8 ? 9 : 10
  const pointer: Field[] =
    entryBytes === 8
      ? [{ bits: "31–30", name: "pointer", value: `${binary(linear >>> 30, 2)} = ${linear >>> 30}` }]
      : []
  const index = (shift: number) => (linear >>> shift) & indexMask
  const field = (name: string, high: number, low: number): Field => ({
    bits: `${high}–${low}`,
    name,
    value: `${binary(index(low), indexBits)} = ${index(low)}`,
  })
  const offset = (bits: number): Field => ({
    bits: `${bits - 1}–0`,
    name: "offset",
    value: hex(linear & ((1 << bits) - 1), digitsOf(bits)),
  })
  const rest = large
    ? [offset(directoryShift)]
    : [field("table index", directoryShift - 1, PAGE_SHIFT), offset(PAGE_SHIFT)]
  return [...pointer, field("directory index", directoryShift + indexBits - 1, directoryShift), ...rest]
}

/** The places on the way, and where it ends; undefined: in a fault. */
interface Walk {
  readonly stops: readonly Stop[]
  readonly physical?: number
}

/** The entries, as far as they lead, and the end: an address or a fault. */
function walk(machine: Machine, linear: number): Walk {
  const { tables } = machine.cpu
  const first = directoryEntry(linear, tables)
  if (first === null) return { stops: [fault(`PDPTE ${linear >>> 30}`, "It is not present")] }
  const pde = entryAt(machine, first)
  const start = entryStop("PDE", `CR3 is ${hex(tables.cr3)}`, first, pde)
  if (!(pde & PRESENT)) return { stops: [start, fault("No table", absent("PDE"))] }
  if (isLarge(pde, tables.format)) return end([start], linear, pde, tables.format.directoryShift)
  const second = tableEntry(linear, pde, tables.format)
  const pte = entryAt(machine, second)
  const leaf = entryStop("PTE", `table at ${hex(pde & 0xffff_f000)}`, second, pte)
  if (!(pte & PRESENT)) return { stops: [start, leaf, fault("No page", absent("PTE"))] }
  return end([start, leaf], linear, pte, PAGE_SHIFT)
}

const absent = (entry: string) => `P of the ${entry} is 0: the processor answers with #PF`

/** An entry, as memory has it: looked at without a trace. */
const entryAt = ({ bus, memory }: Machine, physical: number): number => {
  const at = bus.place(physical)
  return memory.holds(at, 4) ? memory.get(at, 32) : 0
}

const fault = (name: string, why: string): Stop => ({ name, words: [why], look: "wrong" })

const FLAGS = [
  ["P", PRESENT],
  ["R/W", READ_WRITE],
  ["U/S", USER_SUPERVISOR],
  ["A", ACCESSED],
  ["D", DIRTY_BIT],
] as const

const entryStop = (name: string, from: string, at: number, entry: number): Stop => ({
  name,
  words: [
    from,
    `entry at ${hex(at)}`,
    `holds ${hex(entry)}`,
    FLAGS.slice(0, name === "PDE" ? 4 : 5)
      .map(([flag, bit]) => `${flag} ${entry & bit ? 1 : 0}`)
      .join(" "),
  ],
})

/** The page that an entry names, and the offset in it: so many bits. */
function end(stops: readonly Stop[], linear: number, entry: number, bits: number): Walk {
  const inside = (1 << bits) - 1
  const [page, offset] = [(entry & ~inside) >>> 0, linear & inside]
  const words = [`page at ${hex(page)}`, `+ offset ${hex(offset, digitsOf(bits))}`, `= ${hex(page + offset)}`]
  return { stops: [...stops, { name: "Physical address", words, look: "hot" }], physical: page + offset }
}

const digitsOf = (bits: number) => Math.ceil(bits / 4)

/** Of a virtual machine: where its page lies. */
function inMachine({ memory }: Machine, physical: number | undefined): Stop[] {
  if (!(memory instanceof GuestMemory) || physical === undefined || !memory.holds(physical, 1)) return []
  const at = memory.place(physical)
  const words = [
    `the guest's page ${hex(physical >>> PAGE_SHIFT, 1)}`,
    `is page ${hex(at >>> PAGE_SHIFT, 1)}`,
    `= ${hex(at)}`,
  ]
  return [{ name: "In the machine", words, look: "ring0" }]
}

const GAP = 26

/** Three in a row, as high as one another; a fourth below the last of them. */
function drawStops(stops: readonly Stop[], y: number): Piece[] {
  const columns = Math.min(3, stops.length)
  const width = (INNER - (columns - 1) * GAP) / columns
  const make =
    ({ name, words, look }: Stop, column: number, top: number) =>
    (least: number) =>
      block([EDGE + column * (width + GAP), top, width], name, words, look, least)
  const row = level(stops.slice(0, columns).map((stop, n) => make(stop, n, y)))
  const rest = stops.slice(columns).map((stop) => make(stop, columns - 1, bottom(...row) + GAP)(0))
  return [...row, ...rest]
}
