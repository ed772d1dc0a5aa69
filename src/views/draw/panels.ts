/** The panels below the lanes: each takes a frame and a width in pixels and gives a drawing with its height. */

import { FLAG_WORDS } from "../flags"
import type { Cell, CodeLine, Frame, MemoryPanel, StackSlot, TableRow } from "../view"
import {
  at,
  box,
  clip,
  count,
  escapeText,
  fitted,
  hex,
  line,
  MONO,
  pill,
  SANS,
  text,
  texts,
  wrap,
} from "./svg"

/** A titled drawing. Its origin is its top left corner. */
export interface Panel {
  readonly svg: string
  readonly height: number
}

/** Height in pixels of a row of text, and of a title. */
const ROW = 19
const TITLE = 30
const AFTER = 16

/** A line of a panel, drawn with its baseline at 0. */
type Row = string

/** Put rows under a title. `least` rows are kept free so that the panels below stay where they are. */
function panel(title: string, note: string, width: number, rows: readonly Row[], least = 0): Panel {
  const head =
    texts(0, 15, [
      [title, "rl-head"],
      [clip(note, Math.floor((width - title.length * 8) / 6.4)), "rl-small"],
    ]) + line(0, 22.5, width, 22.5, "rl-rule")
  const body = rows.map((row, i) => at(0, TITLE + i * ROW + 9, row)).join("")
  return { svg: head + body, height: TITLE + Math.max(least, rows.length) * ROW + AFTER }
}

/** A mark that this row is new: a bar at its left and a tint; the caller sets the old value beside the new one. */
function changedRow(x: number, width: number): string {
  return box(x - 6, -13.5, width + 6, ROW - 1.5, "rl-changed", 2) + box(x - 6, -13.5, 3, ROW - 1.5, "rl-edge")
}

// ---- code

/** The listing around EIP: labels on lines of their own, what ran and what is next in the margin. */
export function drawCode(frame: Frame, width: number): Panel {
  const commented = frame.code.filter(({ comment }) => comment)
  const longest = Math.max(12, ...commented.map(({ text }) => Math.min(28, text.length)))
  const rows = frame.code.flatMap((code) => {
    const gap = code.gapBefore ? [text(60, 0, "⋮", "rl-dim")] : []
    const label = code.label ? [labelRow(code)] : []
    return [...gap, ...label, codeRow(code, longest, width, frame.fault ? "tried" : "ran")]
  })
  return panel("Code", codeNote(frame), width, rows, frame.code.length + 3)
}

function codeNote({ step, code, fault }: Frame): string {
  const next = "“next” is where EIP points now"
  const ran = code.find((line) => line.ran)
  if (!ran) return step === 0 ? next : `no instruction ran, ${next}`
  if (ran.next && !fault) return "“again”: EIP still points at this step's instruction"
  return `“${fault ? "tried" : "ran"}” is this step, ${next}`
}

function labelRow(code: CodeLine): Row {
  return text(60, 0, `${clip(code.label ?? "", 40)}:`, "rl-strong")
}

/** Comments stand below one another; one that would not end in time begins sooner. */
function codeRow(code: CodeLine, longest: number, width: number, deed: string): Row {
  const textAt = 60 + 8 * MONO
  const comment = code.comment ? `; ${code.comment}` : ""
  const inTime = Math.floor((width - textAt) / MONO) - comment.length
  const commentAt = textAt + Math.max(Math.min(longest + 2, inTime), code.text.length + 1) * MONO
  return (
    (code.ran || code.next ? box(0, -13.5, width, ROW - 1, "rl-row", 3) : "") +
    margin(code, deed) +
    text(60, 0, hex(code.address, 6), "rl-name") +
    fitted(textAt, 0, code.text, code.ran ? "rl-strong" : "rl-mono", width - textAt) +
    fitted(commentAt, 0, comment, "rl-dim", width - commentAt)
  )
}

/** "ran" or, when it faulted, "tried" is filled, "next" is an outline; if EIP stays, both stand on one line. */
function margin(code: CodeLine, deed: string): string {
  if (code.ran && code.next && deed === "ran") return pill(0, 0, "again", "rl-ran")
  if (code.ran) return pill(deed.length > 3 ? 2 : 8, 0, deed, "rl-ran")
  return code.next ? pill(4, 0, "next", "rl-next") : ""
}

// ---- registers, flags, segments, control registers

/** Width in pixels of a register with its old value beside it. */
const CELL_WIDTH = 194

/** The general registers and EIP, two side by side where there is room. */
export function drawRegisters(frame: Frame, width: number): Panel {
  const columns = width / 2 >= CELL_WIDTH ? 2 : 1
  const space = width / columns
  const lines = Math.ceil(frame.registers.length / columns)
  const rows = Array.from({ length: lines }, (_, i): Row => {
    const pair = [frame.registers[i], columns === 2 ? frame.registers[i + lines] : undefined]
    return pair.map((cell, column) => (cell ? cellAt(cell, 6 + column * space, space - 12) : "")).join("")
  })
  return panel("Registers", "hexadecimal", width, rows)
}

function cellAt(cell: Cell, x: number, width: number): string {
  const changed = cell.old !== undefined
  const valueAt = x + Math.max(5, cell.name.length + 1) * MONO
  return (
    (changed ? changedRow(x, width) : "") +
    text(x, 0, cell.name, "rl-name") +
    text(valueAt, 0, hex(cell.value), changed ? "rl-strong" : "rl-mono") +
    (changed ? text(valueAt + 9 * MONO, 0, `was ${hex(cell.old ?? 0)}`, "rl-was") : "")
  )
}

/** What a value means, then what it was if it changed and there is room. */
function noted(x: number, cell: { note?: string; old?: number }, digits: number, width: number): string {
  const { note = "" } = cell
  const short = clip(note, Math.floor((width - 8) / NOTE))
  const was = cell.old === undefined ? "" : `was ${hex(cell.old, digits)}`
  const fits = short.length * 7 + 8 + was.length * WAS <= width - 4
  const said = texts(x, 0, [
    [short, was === "" ? "rl-note" : "rl-text"],
    [fits ? was : "", "rl-was"],
  ])
  return short === note ? said : `<g><title>${escapeText(note)}</title>${said}</g>`
}

/** Width in pixels of a character of an old value, and of a note. */
const WAS = 6.65
const NOTE = 6.7

/** The flags as boxes, in as many lines as it takes; a changed one has a heavy edge and says what it was. */
export function drawFlags(frame: Frame, width: number): Panel {
  const lines = Math.ceil((frame.flags.length * FLAG_WIDTH) / width)
  const perLine = Math.ceil(frame.flags.length / lines)
  const space = Math.min(46, width / perLine)
  const boxes = frame.flags.map((flag, i) =>
    at((i % perLine) * space, Math.floor(i / perLine) * FLAG_HEIGHT, flagBox(flag, space)),
  )
  const head = panel("Flags", "of EFLAGS; IOPL is two bits", width, [])
  return { svg: head.svg + at(0, TITLE, boxes.join("")), height: TITLE + lines * FLAG_HEIGHT + AFTER }
}

/** Least width and the height of a flag in pixels. */
const FLAG_WIDTH = 34
const FLAG_HEIGHT = 46

function flagBox(flag: Cell, space: number): string {
  const centre = space / 2
  const changed = flag.old !== undefined
  const value = changed ? `${flag.old}→${flag.value}` : String(flag.value)
  const word = FLAG_WORDS[flag.name]
  return (
    (word ? `<title>${escapeText(`${flag.name}: ${word}`)}</title>` : "") +
    box(1.5, 16, space - 3, 22, changed ? "rl-changed" : "rl-lane", 3) +
    (changed ? box(1.5, 35, space - 3, 3, "rl-edge") : "") +
    text(centre, 11, flag.name, "rl-name", "middle") +
    text(centre, 31, value, changed || flag.value !== 0 ? "rl-strong" : "rl-dim", "middle")
  )
}

/** The segment registers with what their descriptors are. */
export function drawSegments(frame: Frame, width: number): Panel {
  return panel("Segments", "selector and descriptor", width, notedRows(frame.segments, width, 4))
}

/** Control registers and table addresses. */
export function drawControl(frame: Frame, width: number): Panel {
  return panel("Control registers and tables", "", width, notedRows(frame.control, width, 8))
}

/** Device states: those that the step changed, or all of one device, by its name. */
export function drawDevices(frame: Frame, width: number, which = "changed"): Panel | null {
  if (frame.devices.length === 0) return null
  const one = frame.devices.filter(({ name }) => deviceOf(name) === which)
  const cells = one.length > 0 ? one : frame.devices.filter((cell) => cell.old !== undefined)
  const note = one.length > 0 ? `the state of ${which}, hexadecimal` : "what this step changed"
  const none = `None of ${count(frame.devices.length)} values changed.`
  const rows = notedRows(cells.slice(0, MOST_DEVICES), width, 2)
  return panel("Devices", note, width, finish(rows, cells.length, none, MOST_DEVICES))
}

/** The device that a value is of: "pic" of "pic.irr". */
const deviceOf = (name: string): string => name.split(".", 1)[0]

/** The names of a frame's devices, each once. */
export const deviceNames = ({ devices }: Frame): string[] => [
  ...new Set(devices.map(({ name }) => deviceOf(name))),
]

/** Most device values that are drawn. */
const MOST_DEVICES = 200

function notedRows(cells: readonly Cell[], width: number, digits: number): Row[] {
  const longest = Math.max(4, ...cells.map((cell) => Math.min(24, cell.name.length)))
  const valueAt = 6 + (longest + 1) * MONO
  return cells.flatMap((cell) => {
    const changed = cell.old !== undefined
    const value = hex(cell.value, digits)
    const noteAt = valueAt + (Math.max(digits, value.length) + 2) * MONO
    const [note, ...more] = wrap(cell.note ?? "", Math.floor((width - noteAt - 8) / NOTE))
    const back = changed ? changedRow(6, width - 6) : ""
    const first =
      back +
      text(6, 0, clip(cell.name, 24), "rl-name") +
      text(valueAt, 0, value, changed ? "rl-strong" : "rl-mono") +
      noted(noteAt, { ...cell, note }, digits, width - noteAt)
    return [first, ...more.map((part) => back + text(noteAt, 0, part, changed ? "rl-text" : "rl-note"))]
  })
}

// ---- stack and memory

/** The stack, its top first. */
export function drawStack(frame: Frame, width: number): Panel {
  const rows = frame.stack.map((slot) => stackRow(slot, width))
  return panel("Stack", "ESP points at the top; higher addresses below", width, rows, 8)
}

/** What the processor pushed has a name; what memory held there before would be read as that thing's old value. */
function stackRow(slot: StackSlot, width: number): Row {
  const note = slot.note === undefined ? slot : { note: slot.note }
  const changed = slot.written || slot.old !== undefined
  const [addressAt, valueAt, noteAt] = [0, 9.5, 18.5].map((letters) => 52 + letters * MONO)
  return (
    (changed ? changedRow(addressAt, width - addressAt) : "") +
    (slot.top ? text(0, 0, "ESP →", "rl-strong") : "") +
    text(addressAt, 0, hex(slot.address), "rl-name") +
    text(valueAt, 0, hex(slot.value), changed ? "rl-strong" : "rl-mono") +
    noted(noteAt, note, 8, width - noteAt)
  )
}

/** A pinned piece of memory, bytes and characters. */
export function drawMemory(memory: MemoryPanel, width: number): Panel {
  const perRow = width >= (10 + 16 * 3 + 17) * MONO ? 16 : 8
  const rows = memory.rows.flatMap((row) => chunks(row, perRow)).map((row) => memoryRow(row, perRow, width))
  return panel(`Memory: ${clip(memory.title, 30)}`, memoryNote(memory), width, rows)
}

function memoryNote({ rows }: MemoryPanel): string {
  if (rows.length === 0) return "no register, symbol or address"
  return rows.some(({ bytes }) => bytes.includes(null)) ? "pinned; ·· is not mapped" : "pinned"
}

type MemoryRow = MemoryPanel["rows"][number]

/** Cut a row of memory into rows of at most `size` bytes. */
function chunks(row: MemoryRow, size: number): MemoryRow[] {
  const starts = Array.from({ length: Math.ceil(row.bytes.length / size) }, (_, i) => i * size)
  return starts.map((start) => ({
    address: row.address + start,
    bytes: row.bytes.slice(start, start + size),
    changed: row.changed.map((index) => index - start).filter((index) => index >= 0 && index < size),
  }))
}

function memoryRow(row: MemoryRow, perRow: number, width: number): Row {
  const changed = new Set(row.changed)
  const byteAt = (i: number) => (10 + i * 3 + (i >= 8 ? 0.5 : 0)) * MONO
  const ascii = byteAt(perRow) + MONO
  return (
    text(0, 0, hex(row.address), "rl-name") +
    row.bytes.map((byte, i) => memoryByte(byte, byteAt(i), changed.has(i))).join("") +
    fitted(ascii, 0, row.bytes.map(printable).join(""), "rl-dim", width - ascii)
  )
}

function memoryByte(byte: number | null, x: number, changed: boolean): string {
  const back = changed
    ? box(x - 2, -13, 2 * MONO + 4, 17, "rl-changed", 2) + box(x - 2, 2, 2 * MONO + 4, 2, "rl-edge")
    : ""
  return (
    back +
    text(x, 0, byte === null ? "··" : hex(byte, 2), changed ? "rl-strong" : byte ? "rl-mono" : "rl-dim")
  )
}

function printable(byte: number | null): string {
  return byte !== null && byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."
}

// ---- what the step did

/** Where the names of changes stand, in pixels: behind the longest kind. */
const NAME_AT = 70

/** Everything that changed, old → new. */
export function drawChanges(frame: Frame, width: number): Panel {
  const rows = frame.changes.slice(0, MOST).flatMap((change) => changeRows(change, width))
  return panel(
    "What changed",
    "old → new, but for EIP",
    width,
    finish(rows, frame.changes.length, unchanged(frame)),
    5,
  )
}

function unchanged({ step, registers }: Frame): string {
  if (step === 0) return NOT_YET
  const moved = registers.some(({ name, old }) => name === "EIP" && old !== undefined)
  return moved ? "Nothing but EIP and the time." : "Nothing but the time."
}

/** One line where it fits, else the new value on a line of its own. Memory may be written with what it held already. */
function changeRows({ what, name, old, value }: Frame["changes"][number], width: number): Row[] {
  const [style, letter] = what === "descriptor" ? ["rl-text", NOTE] : ["rl-strong", MONO]
  const valueAt = NAME_AT + Math.max(9, name.length + 1) * MONO
  const put = (x: number, said: string) => fitted(x, 0, said, style, width - x, letter)
  const head = text(0, 0, what, "rl-note") + text(NAME_AT, 0, clip(name, 20), "rl-mono")
  const all = old === value ? `${value} again` : `${old} → ${value}`
  if (all.length * letter > width - valueAt && old !== value)
    return [head + put(valueAt, old), put(NAME_AT, `→ ${value}`)]
  const wordAt = valueAt + (all.length + 2) * MONO
  const word =
    what === "flag" ? fitted(wordAt, 0, FLAG_WORDS[name] ?? "", "rl-note", width - wordAt, NOTE) : ""
  return [head + put(valueAt, all) + word]
}

/** What happened inside the step, numbered in order. */
export function drawEvents(frame: Frame, width: number): Panel {
  const lines = frame.events
    .slice(0, MOST)
    .flatMap((event, i) =>
      wrap(event, Math.floor((width - 22) / SANS)).map(
        (part, row): Row =>
          (row === 0 ? text(0, 0, `${i + 1}.`, "rl-note") : "") + text(22, 0, part, "rl-text"),
      ),
    )
  const rows = finish(
    lines,
    frame.events.length,
    frame.step === 0 ? NOT_YET : "No check, gate or stack switch to tell of.",
  )
  return panel("Inside the step", "in order", width, rows, 5)
}

const NOT_YET = "No step has run yet."

/** Most rows of changes or events that are drawn. */
const MOST = 24

function finish(rows: readonly Row[], all: number, none: string, most = MOST): readonly Row[] {
  if (all === 0) return [text(0, 0, none, "rl-note")]
  return all > most ? [...rows, text(0, 0, `… and ${count(all - most)} more`, "rl-note")] : rows
}

// ---- descriptor tables

/** The interrupt descriptor table, decoded. */
export function drawIdt(frame: Frame, width: number): Panel | null {
  return drawTable("IDT", "vector, who it is for, the gate", frame.idt, 2, width)
}

/** The global descriptor table, decoded. */
export function drawGdt(frame: Frame, width: number): Panel | null {
  return drawTable("GDT", "selector, what it describes", frame.gdt, 4, width)
}

const TABLE_ROWS = 12

function drawTable(
  title: string,
  note: string,
  table: readonly TableRow[],
  digits: number,
  width: number,
): Panel | null {
  if (table.length === 0) return null
  const shown = windowAround(table)
  const rows = shown.flatMap((row) => tableRows(row, digits, width))
  const rest = table.length - shown.length
  if (rest > 0) rows.push(text(0, 0, `… and ${count(rest)} more`, "rl-note"))
  return panel(title, note, width, rows)
}

/** The first rows of a table, moved so far that the one in use is among them. */
function windowAround(table: readonly TableRow[]): readonly TableRow[] {
  const used = table.findIndex((row) => row.used)
  const first = Math.max(0, Math.min(used - TABLE_ROWS / 2, table.length - TABLE_ROWS))
  return table.slice(first, first + TABLE_ROWS)
}

/** One line where it fits, two where it does not. */
function tableRows(row: TableRow, digits: number, width: number): Row[] {
  const nameAt = 60 + (digits + 2) * MONO
  const detail = `DPL ${row.dpl}, ${row.detail}`
  const room = width - nameAt
  const both = `${row.name} · ${detail}`
  const lead =
    (row.used ? box(0, -13.5, width, ROW - 1, "rl-row", 3) + pill(4, 0, "used", "rl-ran") : "") +
    text(60, 0, `${hex(row.index, digits)}h`, row.used ? "rl-strong" : "rl-name")
  const style = row.used ? "rl-text" : "rl-note"
  if (both.length * 6.8 <= room) return [lead + text(nameAt, 0, both, style)]
  return [
    lead + fitted(nameAt, 0, row.name, "rl-text", room, 6.8),
    fitted(nameAt, 0, detail, "rl-note", room, 6.8),
  ]
}
