/** The panels of the descriptor tables. */
import type { Frame, TableRow } from "../view"
import { type Panel, panel, ROW, type Row } from "./panel"
import { box, count, fitted, hex, MONO, part, pill, text } from "./svg"

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
  const what = digits === 2 ? "gate" : "descriptor"
  const rows = shown.flatMap((row) =>
    tableRows(row, digits, width).map((drawn, n) =>
      n === 0 ? part(row.used ? what : `${what} ${hex(row.index, digits)}h`, drawn) : drawn,
    ),
  )
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
    (row.used ? box(0, -12.5, width, ROW, "rl-row", 3) + pill(4, 0, "used", "rl-ran") : "") +
    text(60, 0, `${hex(row.index, digits)}h`, row.used ? "rl-strong" : "rl-name")
  const style = row.used ? "rl-text" : "rl-note"
  if (both.length * 6.8 <= room) return [lead + text(nameAt, 0, both, style)]
  return [
    lead + fitted(nameAt, 0, row.name, "rl-text", room, 6.8),
    fitted(nameAt, 0, detail, "rl-note", room, 6.8),
  ]
}
