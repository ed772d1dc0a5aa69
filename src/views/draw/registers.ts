/** The panels of registers, flags, segments and control registers. */
import { FLAG_WORDS } from "../flags"
import type { Cell, Frame } from "../view"
import {
  AFTER,
  besideValue,
  changedRow,
  isMarked,
  notedRows,
  type Panel,
  panel,
  type Row,
  TITLE,
} from "./panel"
import { at, box, escapeText, hex, MONO, part, text } from "./svg"

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
  const changed = isMarked(cell)
  const valueAt = x + Math.max(5, cell.name.length + 1) * MONO
  const drawn =
    (changed ? changedRow(x, width) : "") +
    text(x, 0, cell.name, "rl-name") +
    text(valueAt, 0, hex(cell.value), changed ? "rl-strong" : "rl-mono") +
    (changed ? text(valueAt + 9 * MONO, 0, besideValue(cell, 8), "rl-was") : "")
  return part(cell.name, drawn)
}

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
const FLAG_WIDTH = 27
const FLAG_HEIGHT = 36

function flagBox(flag: Cell, space: number): string {
  const centre = space / 2
  const changed = isMarked(flag)
  const word = FLAG_WORDS[flag.name]
  const drawn =
    (word ? `<title>${escapeText(`${flag.name}: ${word}`)}</title>` : "") +
    box(1.5, 14, space - 3, 18, changed ? "rl-changed" : "rl-lane", 3) +
    (changed ? box(1.5, 29, space - 3, 3, "rl-edge") : "") +
    text(centre, 10, flag.name, "rl-small", "middle") +
    text(centre, 27, flagValue(flag), changed || flag.value !== 0 ? "rl-strong" : "rl-dim", "middle")
  return part(flag.name, drawn)
}

function flagValue({ old, value, differs }: Cell): string {
  if (differs) return `≠ ${value}`
  return old === undefined ? String(value) : `${old}→${value}`
}

/** The segment registers with what their descriptors are. */
export function drawSegments(frame: Frame, width: number): Panel {
  return panel("Segments", "selector and descriptor", width, notedRows(frame.segments, width, 4))
}

/** Control registers and table addresses. */
export function drawControl(frame: Frame, width: number): Panel {
  return panel("Control registers and tables", "", width, notedRows(frame.control, width, 8))
}
