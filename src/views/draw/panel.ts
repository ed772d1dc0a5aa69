/** A panel below the lanes: a title with rows under it, and what rows of several panels have in common. Widths are in pixels. */
import type { Cell } from "../view"
import { at, box, clip, count, escapeText, hex, line, MONO, part, text, texts, wrap } from "./svg"

/** A titled drawing. Its origin is its top left corner. */
export interface Panel {
  readonly svg: string
  readonly height: number
}

/** Height in pixels of a row of text, and of a title. */
export const ROW = 17
export const TITLE = 28
export const AFTER = 10

/** Pixels at the end of a title where a caret may stand. */
const CARET = 24

/** Width in pixels of a character of an old value, and of a note. */
const WAS = 6.65
export const NOTE = 6.7

/** A line of a panel, drawn with its baseline at 0. */
export type Row = string

/** Put rows under a title. `least` rows are kept free so that the panels below stay where they are. */
export function panel(title: string, note: string, width: number, rows: readonly Row[], least = 0): Panel {
  const head =
    texts(0, 15, [
      [title, "rl-head"],
      [clip(note, Math.floor((width - title.length * 8 - CARET) / 6.4)), "rl-small"],
    ]) + line(0, 22.5, width, 22.5, "rl-rule")
  const body = rows.map((row, i) => at(0, TITLE + i * ROW + 9, row)).join("")
  return { svg: head + body, height: TITLE + Math.max(least, rows.length) * ROW + AFTER }
}

/** A mark that this row is new: a bar at its left and a tint; the caller sets the old value beside the new one. */
export function changedRow(x: number, width: number): string {
  return box(x - 6, -12.5, width + 6, ROW - 1, "rl-changed", 2) + box(x - 6, -12.5, 3, ROW - 1, "rl-edge")
}

/** What rules how a value is marked: the step changed it, or it is not the same in both of two recordings. */
type Marking = Pick<Cell, "old" | "differs">

/** Whether a value has a mark. */
export const isMarked = ({ old, differs }: Marking): boolean => differs === true || old !== undefined

/** What stands beside a marked value: what it was, or that the other recording has something else. */
export function besideValue({ old, differs }: Marking, digits: number): string {
  if (differs) return "≠"
  return old === undefined ? "" : `was ${hex(old, digits)}`
}

export const NOT_YET = "No step has run yet."

/** Most rows of changes or events that are drawn. */
export const MOST = 24

export function finish(rows: readonly Row[], all: number, none: string, most = MOST): readonly Row[] {
  if (all === 0) return [text(0, 0, none, "rl-note")]
  return all > most ? [...rows, text(0, 0, `… and ${count(all - most)} more`, "rl-note")] : rows
}

/** What a value means, then what it was if it changed and there is room. */
export function noted(x: number, cell: { note?: string } & Marking, digits: number, width: number): string {
  const { note = "" } = cell
  const short = clip(note, Math.floor((width - 8) / NOTE))
  const was = besideValue(cell, digits)
  const fits = short.length * 7 + 8 + was.length * WAS <= width - 4
  const said = texts(x, 0, [
    [short, was === "" ? "rl-note" : "rl-text"],
    [fits ? was : "", "rl-was"],
  ])
  return short === note ? said : `<g><title>${escapeText(note)}</title>${said}</g>`
}

/** A row for each named value, with what it means. */
export function notedRows(cells: readonly Cell[], width: number, digits: number): Row[] {
  const longest = Math.max(4, ...cells.map((cell) => Math.min(24, cell.name.length)))
  const valueAt = 6 + (longest + 1) * MONO
  return cells.flatMap((cell) => {
    const changed = isMarked(cell)
    const value = hex(cell.value, digits)
    const noteAt = valueAt + (Math.max(digits, value.length) + 2) * MONO
    const [note, ...more] = wrap(cell.note ?? "", Math.floor((width - noteAt - 8) / NOTE))
    const back = changed ? changedRow(6, width - 6) : ""
    const first =
      back +
      text(6, 0, clip(cell.name, 24), "rl-name") +
      text(valueAt, 0, value, changed ? "rl-strong" : "rl-mono") +
      noted(noteAt, { ...cell, note }, digits, width - noteAt)
    return [
      part(cell.name, first),
      ...more.map((part) => back + text(noteAt, 0, part, changed ? "rl-text" : "rl-note")),
    ]
  })
}
