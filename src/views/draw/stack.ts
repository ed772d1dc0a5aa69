/** The panels of the stack, and of memory. */
import type { Frame, MemoryPanel, StackSlot } from "../view"
import { changedRow, isMarked, noted, type Panel, panel, type Row } from "./panel"
import { box, clip, fitted, hex, MONO, part, text } from "./svg"

/** The stack, its top first; below so many empty rows, where it is to stand beside another one. */
export function drawStack(frame: Frame, width: number, lower = 0): Panel {
  const digits = frame.stack.some(({ address }) => address > 0xff_ffff) ? 8 : 6
  const empty: Row[] = Array(lower).fill("")
  const rows = [...empty, ...frame.stack.map((slot) => stackRow(slot, digits, width))]
  return panel("Stack", "▸ is ESP; higher addresses below", width, rows, 10)
}

/** What the processor pushed has a name; what memory held there before would be read as that thing's old value. */
function stackRow(slot: StackSlot, digits: number, width: number): Row {
  const note = slot.note === undefined || slot.differs ? slot : { note: slot.note }
  const changed = slot.written || isMarked(slot)
  const [addressAt, valueAt, noteAt] = [0, digits + 0.7, digits + 9.4].map((letters) => 18 + letters * MONO)
  const drawn =
    (changed ? changedRow(addressAt, width - addressAt) : "") +
    (slot.top ? text(0, 0, "▸", "rl-strong") : "") +
    text(addressAt, 0, hex(slot.address, digits), "rl-name") +
    text(valueAt, 0, hex(slot.value), changed ? "rl-strong" : "rl-mono") +
    noted(noteAt, note, 8, width - noteAt)
  return part(slot.note === undefined ? "stack" : `stack ${slot.note.split(" (")[0]}`, drawn)
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
