/** The panels of registers, flags, segments, control registers and devices. */
import { FLAG_WORDS } from "../flags"
import type { Cell, Frame } from "../view"
import { AFTER, changedRow, finish, NOTE, noted, type Panel, panel, type Row, TITLE } from "./panel"
import { at, box, clip, count, escapeText, hex, MONO, text, wrap } from "./svg"

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
