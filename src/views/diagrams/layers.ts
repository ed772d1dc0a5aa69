/**
 * Where a monitor sits: who lies above whom, and what way a system call and a privileged instruction take. Each kind is data: layers
 * from the top, and hops between them.
 *
 *     application    ──┐ 1     ▲ 4
 *     guest kernel     │   ▲ 2 │ 3 …
 *     monitor          ▼───┘ ──┘
 *     hardware
 */
import { arrow, block, bottom, EDGE, INNER, type Piece, page, paragraph, TOP } from "./kit"
import type { BoxLook, LineLook, Point, Scene, Shape } from "./scene"

/** A layer: who it is, and the ring it has. */
interface Layer {
  readonly name: string
  readonly note: string
  readonly look: BoxLook
}

/** From a layer to another, both counted from the top; what happens, in a sentence without its full stop. */
type Hop = readonly [from: number, to: number, does: string]

interface Kind {
  readonly title: string
  readonly layers: readonly Layer[]
  /** An application calls its kernel. */
  readonly call: readonly Hop[]
  /** The kernel does what only ring 0 may. */
  readonly privileged: readonly Hop[]
}

const ring = (number: 0 | 1 | 3, name: string, note = `ring ${number}`): Layer => ({
  name,
  note,
  look: `ring${number}`,
})
const HARDWARE: Layer = { name: "hardware", note: "", look: "tint" }
const MONITORED = [ring(3, "application"), ring(1, "guest kernel"), ring(0, "monitor"), HARDWARE]

const KINDS = {
  bare: {
    title: "No monitor: the kernel has the hardware",
    layers: [ring(3, "application"), ring(0, "kernel"), HARDWARE],
    call: [
      [0, 1, "INT goes through a gate of the kernel's IDT"],
      [1, 0, "IRET goes back"],
    ],
    privileged: [[1, 2, "CLI is done at once"]],
  },
  "trap-and-emulate": {
    title: "Trap and emulate: the monitor has ring 0",
    layers: MONITORED,
    call: [
      [0, 2, "INT goes through a gate of the monitor's IDT"],
      [2, 1, "the monitor enters the handler that the guest's own IDT names"],
      [1, 2, "the handler's IRET faults: its saved CS names no code in the monitor's GDT"],
      [2, 0, "the monitor goes back to the application in the handler's place"],
    ],
    privileged: [
      [1, 2, "CLI faults in ring 1, and the monitor notes it in the guest's IF"],
      [2, 1, "the guest's kernel goes on behind CLI"],
    ],
  },
  "binary-translation": {
    title: "Binary translation: the kernel's code is rewritten",
    layers: [ring(3, "application"), ring(1, "translated kernel"), ring(0, "monitor"), HARDWARE],
    call: [
      [0, 2, "INT goes through a gate of the monitor's IDT"],
      [2, 1, "the monitor enters the translation of the guest's handler"],
      [1, 2, "the translation of IRET calls the monitor"],
      [2, 0, "the application goes on, untranslated"],
    ],
    privileged: [[1, 1, "CLI has become a store to memory: nobody is called"]],
  },
  paravirtual: {
    title: "Paravirtual: the kernel asks the monitor",
    layers: MONITORED,
    call: [
      [0, 1, "INT goes straight to the guest's kernel: it had the monitor check this gate once"],
      [1, 0, "IRET goes back"],
    ],
    privileged: [
      [1, 2, "what only ring 0 may is asked for by a hypercall"],
      [2, 1, "the monitor has checked and done it"],
    ],
  },
  "vt-x": {
    title: "VT-x: the guest has rings of its own",
    layers: [
      ring(3, "application", "non-root, ring 3"),
      ring(0, "guest kernel", "non-root, ring 0"),
      ring(0, "monitor", "root, ring 0"),
      HARDWARE,
    ],
    call: [
      [0, 1, "INT goes through a gate of the guest's own IDT"],
      [1, 0, "IRET goes back"],
    ],
    privileged: [
      [1, 2, "what the monitor has asked to see, such as IN, is a VM exit; CLI need not be"],
      [2, 1, "VMRESUME goes back into the guest"],
    ],
  },
  kvm: {
    title: "Type 2, KVM: the monitor is part of a host's kernel",
    layers: [
      ring(3, "guest application", "non-root, ring 3"),
      ring(0, "guest kernel", "non-root, ring 0"),
      ring(3, "host process (QEMU)", "root, ring 3"),
      ring(0, "host kernel with KVM", "root, ring 0"),
      HARDWARE,
    ],
    call: [
      [0, 1, "INT goes through a gate of the guest's own IDT"],
      [1, 0, "IRET goes back"],
    ],
    privileged: [
      [1, 3, "OUT to a device is a VM exit"],
      [3, 2, "KVM returns to the process that models the device"],
      [2, 3, "the process asks to run the guest again"],
      [3, 1, "VMRESUME goes back into the guest"],
    ],
  },
} as const satisfies Record<string, Kind>

/** Who sits where: "bare", "trap-and-emulate", "binary-translation", "paravirtual", "vt-x", "kvm". */
export type LayersKind = keyof typeof KINDS

/** The ways as data, for tests and for whoever draws them otherwise. */
export const layersOf = (kind: LayersKind): Kind => KINDS[kind]

/** Draw layers and ways. @throws RangeError if there is no such kind */
export function layersScene(kind: LayersKind): Scene {
  if (!Object.hasOwn(KINDS, kind))
    throw new RangeError(`there are no layers "${kind}": there are ${Object.keys(KINDS).join(", ")}`)
  const { title, layers, call, privileged } = layersOf(kind)
  const rows = layers.map(drawLayer)
  const [left, right] = [
    way("System call", call, rows, 0),
    way("Privileged instruction", privileged, rows, 1),
  ]
  const names = layers.map(({ name, note }) => (note ? `${name} (${note})` : name))
  const says = [
    `From top to bottom: ${names.join(", ")}.`,
    `A system call takes ${count(call.length)}: ${steps(call)}.`,
    `A privileged instruction takes ${count(privileged.length)}: ${steps(privileged)}.`,
  ]
  return page(title, says, [...rows, ...left, ...right])
}

const NAMES = EDGE + 200
const COLUMN = (INNER + EDGE - NAMES) / 2
const HEADING = 24
const ROW = 54

const drawLayer = ({ name, note, look }: Layer, n: number): Piece =>
  block([EDGE, TOP + HEADING + n * (ROW + 6), INNER], name, note ? [[note, "note"]] : [], look, ROW)

/** A way's arrows below its heading, and its words below all layers. */
function way(heading: string, hops: readonly Hop[], rows: readonly Piece[], column: 0 | 1): Piece[] {
  const x = NAMES + column * COLUMN
  const step = Math.min(64, (COLUMN - 16) / (hops.length + 0.5))
  const words = hops.map(([, , does], n) => [`${n + 1}  ${does}`, "text"] as const)
  const below = [EDGE + (column * INNER) / 2, bottom(...rows) + 8, INNER / 2 - 12] as const
  return [
    paragraph(x, TOP, COLUMN, [heading, "head"]),
    ...hops.map((hop, n) => drawHop(hop, n, rows, x + 34 + n * step)),
    paragraph(...below, [heading, "head"], ...words),
  ]
}

/** From the middle of a layer to the middle of another, with its number at the start; within one layer, a little loop. */
function drawHop([from, to]: Hop, n: number, rows: readonly Piece[], x: number): Piece {
  const middle = (row: number) => rows[row].y + ROW / 2
  const [y0, y1] = [middle(from), middle(to)]
  const loop: Point[] = [
    [x, y0 - 12],
    [x + 22, y0 - 12],
    [x + 22, y0 + 12],
    [x + 2, y0 + 12],
  ]
  const look: LineLook = "hot"
  const drawn = arrow(
    from === to
      ? loop
      : [
          [x, y0],
          [x, y1],
        ],
    look,
  )
  const number: Shape = {
    is: "text",
    x: x - 8,
    y: y0 + 4,
    text: `${n + 1}`,
    look: "head",
    anchor: "end",
  }
  return { ...drawn, shapes: [...drawn.shapes, number] }
}

const count = (hops: number) => `${hops} ${hops === 1 ? "step" : "steps"}`
const steps = (hops: readonly Hop[]) => hops.map(([, , does]) => does).join("; ")
