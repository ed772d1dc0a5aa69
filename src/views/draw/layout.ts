/** Which panel stands where, in one, two or three columns: always the same place, so that stepping is calm. */
import type { Cell, Frame, TableRow } from "../view"
import { drawCode } from "./code"
import { deviceNames, drawDevice, drawDevices } from "./devices"
import { drawFoldable, type Foldable, type Folds } from "./fold"
import type { Panel } from "./panel"
import { drawControl, drawFlags, drawRegisters, drawSegments } from "./registers"
import { drawMemory, drawStack } from "./stack"
import { drawChanges, drawEvents, unchanged } from "./step"
import { count, hex } from "./svg"
import { drawGdt, drawIdt } from "./tables"

type DrawPanels = (frame: Frame, width: number) => readonly (Panel | null)[]

/** What is always there. A name may give several panels, or none. */
const FIXED: Readonly<Record<string, DrawPanels>> = {
  code: (frame, width) => [drawCode(frame, width)],
  stack: (frame, width) => [drawStack(frame, width)],
  registers: (frame, width) => [drawRegisters(frame, width), drawFlags(frame, width)],
  memory: (frame, width) => frame.memory.map((memory) => drawMemory(memory, width)),
}

const changed = (cells: readonly Cell[]) => cells.some(({ old }) => old !== undefined)
const values = (cells: readonly Cell[], digits: number) =>
  cells.map(({ name, value }) => `${name} ${hex(value, digits)}`).join("  ")
const used = (table: readonly TableRow[]) => table.some((row) => row.used)
const several = (n: number, one: string) => `${count(n)} ${one}${n === 1 ? "" : "s"}`

/** What folds, by name. */
const FOLDABLE: Readonly<Record<string, Foldable>> = {
  events: {
    title: "Inside the step",
    isUsed: ({ events }) => events.length > 0,
    idle: ({ step }) => (step === 0 ? "no step has run yet" : "no check, gate or stack switch"),
    draw: drawEvents,
  },
  changes: {
    title: "What changed",
    isUsed: ({ changes }) => changes.length > 0,
    idle: unchanged,
    draw: drawChanges,
  },
  segments: {
    title: "Segments",
    isUsed: ({ segments }) => changed(segments),
    idle: ({ segments }) => values(segments, 4),
    draw: drawSegments,
  },
  control: {
    title: "Control registers and tables",
    isUsed: ({ control }) => changed(control),
    idle: ({ control }) => values(control.slice(0, 1), 8),
    draw: drawControl,
  },
  idt: {
    title: "IDT",
    isUsed: ({ idt }) => used(idt),
    idle: ({ idt }) => `${several(idt.length, "gate")}, not used in this step`,
    draw: drawIdt,
  },
  gdt: {
    title: "GDT",
    isUsed: ({ gdt }) => used(gdt),
    idle: ({ gdt }) => `${several(gdt.length, "descriptor")}, not used in this step`,
    draw: drawGdt,
  },
  devices: {
    title: "Devices",
    isUsed: ({ devices }) => changed(devices),
    idle: (frame) => `none of ${several(deviceNames(frame).length, "device")} changed`,
    draw: drawDevices,
  },
}

/** A device by itself, below the panel of all of them. */
const device = (name: string): Foldable => ({
  title: name,
  isUsed: () => false,
  idle: ({ devices }) => several(devices.filter((cell) => cell.name.startsWith(`${name}.`)).length, "value"),
  draw: (frame, width) => drawDevice(frame, width, name),
})

interface Column {
  /** Share of the width. */
  readonly share: number
  readonly panels: readonly string[]
}

/** By the least width in pixels, the widest first. */
const LAYOUTS: readonly { readonly from: number; readonly columns: readonly Column[] }[] = [
  {
    from: 720,
    columns: [
      { share: 1.5, panels: ["code", "events", "idt", "gdt"] },
      { share: 1.1, panels: ["stack", "memory", "changes"] },
      { share: 1, panels: ["registers", "segments", "control", "devices"] },
    ],
  },
  {
    from: 520,
    columns: [
      { share: 1.4, panels: ["code", "stack", "events", "idt", "gdt", "memory"] },
      { share: 1, panels: ["registers", "changes", "segments", "control", "devices"] },
    ],
  },
  {
    from: 0,
    columns: [
      {
        share: 1,
        panels: [
          "code",
          "stack",
          "registers",
          "events",
          "changes",
          "memory",
          "segments",
          "control",
          "idt",
          "gdt",
          "devices",
        ],
      },
    ],
  },
]

const GUTTER = 24

/** A column of panels, and where it stands, in pixels from the left. */
export interface PlacedColumn {
  readonly x: number
  readonly panels: readonly (Panel | null)[]
}

/** The panels of a frame for a width in pixels. */
export function layPanels(frame: Frame, width: number, folds: Folds | undefined): PlacedColumn[] {
  const { columns } = LAYOUTS.find((layout) => width >= layout.from) ?? LAYOUTS[LAYOUTS.length - 1]
  const shares = columns.reduce((sum, column) => sum + column.share, 0)
  const unit = (width - GUTTER * (columns.length - 1)) / shares
  let right = -GUTTER
  return columns.map(({ share, panels }) => {
    const x = right + GUTTER
    right = x + unit * share
    return { x, panels: panels.flatMap((name) => drawNamed(name, frame, unit * share, folds)) }
  })
}

/** The panels that stand under a name. `width` in pixels. */
export function drawNamed(
  name: string,
  frame: Frame,
  width: number,
  folds: Folds | undefined,
): readonly (Panel | null)[] {
  if (Object.hasOwn(FIXED, name)) return FIXED[name](frame, width)
  const main = drawFoldable(name, FOLDABLE[name], { frame, width, folds })
  // Who opens the devices is shown them one by one: all their values together would be a column of several screens.
  if (name !== "devices" || !folds?.devices) return [main]
  const each = deviceNames(frame).map((one) =>
    drawFoldable(`device ${one}`, device(one), { frame, width, folds }),
  )
  return [main, ...each]
}
