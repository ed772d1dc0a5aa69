/**
 * One function draws a view as SVG. The renderer calls it for every frame that it shows, the kernel once for the
 * static fallback; both get the same picture.
 */

import { inRing } from "../lanes"
import type { Frame, Timeline } from "../view"
import { LANES_LEFT, LANES_RIGHT } from "./band"
import { drawCode } from "./code"
import { faultWord } from "./marks"
import type { Panel } from "./panel"
import { drawControl, drawDevices, drawFlags, drawRegisters, drawSegments } from "./registers"
import { drawMemory, drawStack } from "./stack"
import { drawChanges, drawEvents } from "./step"
import { DRAW_STYLE } from "./style"
import { at, box, count, escapeText, pill, pillWidth, SANS, text, wrap } from "./svg"
import { drawGdt, drawIdt } from "./tables"
import { type Drawing, TimelinePicture } from "./timeline"

/** How to draw. */
export interface DrawOptions {
  /** Width in pixels of the whole picture, 320 or more; the panels flow in one, two or three columns. */
  readonly width: number
  /** A heading above the lanes. */
  readonly title?: string
  /** Put the style sheet into the picture, so that it stands alone; true unless said otherwise. */
  readonly style?: boolean
  /** Which device values to show: "changed" by the step, as unless said otherwise, or all of the device with this name. */
  readonly devices?: string
}

const LEAST_WIDTH = 320
const PADDING = 16
const GUTTER = 30

/** Where the lanes begin and end, in pixels from the left and from the right edge of a picture. */
export const LANE_ENDS = { left: PADDING + LANES_LEFT, right: PADDING + LANES_RIGHT } as const

type DrawPanels = (frame: Frame, width: number, options: DrawOptions) => readonly (Panel | null)[]

/** The panels by name; a name may give several panels, or none. */
const PANELS = {
  code: (frame, width) => [drawCode(frame, width)],
  registers: (frame, width) => [drawRegisters(frame, width), drawFlags(frame, width)],
  segments: (frame, width) => [drawSegments(frame, width)],
  control: (frame, width) => [drawControl(frame, width)],
  stack: (frame, width) => [drawStack(frame, width)],
  happened: (frame, width) => [drawChanges(frame, width), drawEvents(frame, width)],
  memory: (frame, width) => frame.memory.map((memory) => drawMemory(memory, width)),
  tables: (frame, width) => [drawIdt(frame, width), drawGdt(frame, width)],
  devices: (frame, width, options) => [drawDevices(frame, width, options.devices)],
} as const satisfies Record<string, DrawPanels>

interface Column {
  /** Share of the width. */
  readonly share: number
  readonly panels: readonly (keyof typeof PANELS)[]
}

/** Which panel stands where, for one, two and three columns: always the same place, so that stepping is calm. */
const LAYOUTS: readonly { readonly from: number; readonly columns: readonly Column[] }[] = [
  {
    from: 1180,
    columns: [
      { share: 1.5, panels: ["code", "tables"] },
      { share: 1.03, panels: ["stack", "happened", "memory"] },
      { share: 1, panels: ["registers", "segments", "control", "devices"] },
    ],
  },
  {
    from: 760,
    columns: [
      { share: 1.12, panels: ["code", "stack", "tables", "memory"] },
      { share: 1, panels: ["registers", "happened", "segments", "control", "devices"] },
    ],
  },
  {
    from: 640,
    columns: [
      { share: 1.5, panels: ["code", "stack", "happened", "tables", "memory"] },
      { share: 1, panels: ["registers", "segments", "control", "devices"] },
    ],
  },
  {
    from: 0,
    columns: [
      {
        share: 1,
        panels: [
          "code",
          "registers",
          "happened",
          "stack",
          "segments",
          "control",
          "tables",
          "memory",
          "devices",
        ],
      },
    ],
  },
]

/**
 * Draw one frame of a run as one SVG element: the lanes with the frame's step marked, what the step did in words,
 * and the machine after it. Every text in it is escaped. For many frames of one run make a `RunPicture`.
 */
export function drawFrame(timeline: Timeline, frame: Frame, options: DrawOptions): string {
  return pictureText(new RunPicture(timeline).draw(frame, options))
}

/** A picture as text, in pieces: who has drawn one before it redraws only the blocks that differ. */
export interface Picture {
  /** The `svg` element's start tag and what stands behind everything. */
  readonly open: string
  /** One `g` element each, in its place. */
  readonly blocks: readonly string[]
}

/** The text of a picture: one `svg` element. */
export const pictureText = ({ open, blocks }: Picture): string => `${open}${blocks.join("")}</svg>`

/** Draws the frames of one run; keeps what they have in common. */
export class RunPicture {
  /** @param timeline the run whose frames are to be drawn */
  constructor(readonly timeline: Timeline) {
    this.lanes = new TimelinePicture(timeline)
  }

  /** Draw one frame; see `drawFrame`. */
  draw(frame: Frame, options: DrawOptions): Picture {
    const width = Math.max(LEAST_WIDTH, options.width)
    const inner = width - 2 * PADDING
    const head = pile(PADDING, PADDING, [
      drawTitle(options.title),
      ...this.lanes.draw(frame.step, inner),
      drawSaying(this.timeline, frame, inner),
    ])
    const columns = drawColumns(frame, head.bottom, inner, options)
    const bottom = Math.max(...columns.map((column) => column.bottom))
    return {
      open: opening(this.timeline, frame, [width, bottom + PADDING], options),
      blocks: [head, ...columns].flatMap(({ blocks }) => blocks),
    }
  }

  /**
   * The step whose cell in the lanes is at a point, or null beside them. `x` and `y` in pixels from the corner
   * of the picture without title that was drawn for `step` and `width`.
   */
  stepAt(step: number, width: number, x: number, y: number): number | null {
    return this.lanes.stepAt(step, Math.max(LEAST_WIDTH, width) - 2 * PADDING, x - PADDING, y - PADDING)
  }

  private readonly lanes: TimelinePicture
}

interface Pile {
  readonly blocks: readonly string[]
  /** In pixels from the top of the picture. */
  readonly bottom: number
}

/** Put drawings one below the other. */
function pile(x: number, y: number, parts: readonly (Drawing | null)[]): Pile {
  let bottom = y
  const blocks: string[] = []
  for (const part of parts) {
    if (part === null) continue
    blocks.push(at(x, bottom, part.svg))
    bottom += part.height
  }
  return { blocks, bottom }
}

function opening(
  timeline: Timeline,
  frame: Frame,
  [width, height]: readonly [width: number, height: number],
  options: DrawOptions,
): string {
  const label = escapeText(
    `${options.title ? `${options.title}. ` : ""}Step ${frame.step}, ${inRing(timeline, frame.ring)}. ${frame.sentence}`,
  )
  const style = options.style === false ? "" : `<style>${DRAW_STYLE}</style>`
  const size = `width="${width}" height="${Math.ceil(height)}" viewBox="0 0 ${width} ${Math.ceil(height)}"`
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="rl" ${size} style="max-width:100%;height:auto" role="figure" aria-label="${label}">` +
    `${style}${box(0, 0, width, height, "rl-paper")}`
  )
}

function drawTitle(title: string | undefined): Drawing {
  return title ? { svg: text(0, 14, title, "rl-title"), height: 36 } : { svg: "", height: 0 }
}

function nowIn(timeline: Timeline, ring: number): string {
  if (timeline.lanes || (ring !== 0 && ring !== 3)) return `now ${inRing(timeline, ring)}`
  return ring === 0 ? "now ring 0, kernel" : "now ring 3, application"
}

/** The step in words: where it stands, in which ring, its cost, the sentence, and why it faulted if it did. */
function drawSaying(timeline: Timeline, frame: Frame, width: number): Drawing {
  const step = `Step ${count(frame.step)} of ${count(timeline.steps)}`
  const ringAt = step.length * 8.4 + 14
  const ring = nowIn(timeline, frame.ring)
  const cycles = drawCycles(cycleWords(frame), ringAt + pillWidth(ring) + 12, width)
  const head = text(0, 20, step, "rl-step") + pill(ringAt, 20, ring, `rl-ring${frame.ring & 3}`) + cycles.svg
  const lines = wrap(frame.sentence, Math.floor(width / 8.2)).map((part) => [part, "rl-say"])
  // A reader at the start may like to know how far it goes; the end has come when it is there.
  if (frame.step === 0 || frame.step === timeline.steps)
    lines.push(...wrap(timeline.end, Math.floor(width / SANS)).map((part) => [part, "rl-note"]))
  const first = 46 + cycles.height
  const said = lines.map(([part, look], i) => text(0, first + i * 21, part, look))
  const top = first + Math.max(frame.fault ? 1 : 2, said.length) * 21
  const fault = drawFault(frame, width)
  return { svg: head + said.join("") + at(0, top - 8, fault.svg), height: top + fault.height + 4 }
}

/** Beside the ring where there is room for most of what is said of cycles, else on lines of its own. */
function drawCycles(words: string, x: number, width: number): Drawing {
  if (width >= ONE_HEAD) return { svg: text(x, 20, words, "rl-note"), height: 0 }
  const lines = wrap(words, Math.floor(width / SANS))
  return {
    svg: lines.map((part, i) => text(0, 42 + i * 18, part, "rl-note")).join(""),
    height: lines.length * 18 + 2,
  }
}

/** Width in pixels from which step, ring and cycles stand in one line. */
const ONE_HEAD = 760

function cycleWords(frame: Frame): string {
  const parts = frame.cycles.step.map(([cause, cycles]) => `${cause} ${count(cycles)}`)
  const sum = frame.cycles.step.reduce((all, [, cycles]) => all + cycles, 0)
  const cycles = sum === 1 ? "1 cycle" : `${count(sum)} cycles`
  const here = parts.length > 1 ? `${cycles} (${parts.join(", ")})` : cycles
  return frame.step === 0 ? "before the first step" : `${here}, ${count(frame.cycles.total)} so far`
}

/** Width in pixels of a character of a note. */
const NOTE = 6.7

/** The check that failed, in a box that does not rely on its colour. */
function drawFault(frame: Frame, width: number): Drawing {
  if (!frame.fault) return { svg: "", height: 0 }
  const lines = wrap(frame.fault.says, Math.floor((width - 44) / SANS))
  const see = wrap(`Manual: ${frame.fault.see}`, Math.floor((width - 44) / NOTE))
  const height = 41 + (lines.length + see.length) * 19
  const svg =
    box(0.75, 0.75, width - 1.5, height - 1.5, "rl-fault-box", 4) +
    box(0, 0, 6, height, "rl-fault-bar", 3) +
    at(24, 21, `<path d="M-5 -5L5 5M5 -5L-5 5" class="rl-fault-line"/>`) +
    text(40, 26, `${faultWord(frame.fault.name)} ${frame.fault.name}: why`, "rl-fault-name") +
    lines.map((part, i) => text(40, 48 + i * 19, part, "rl-text")).join("") +
    see.map((part, i) => text(40, 48 + (lines.length + i) * 19, part, "rl-note")).join("")
  return { svg, height: height + 12 }
}

function drawColumns(frame: Frame, top: number, width: number, options: DrawOptions): Pile[] {
  const { columns } = LAYOUTS.find((layout) => width >= layout.from) ?? LAYOUTS[LAYOUTS.length - 1]
  const shares = columns.reduce((sum, column) => sum + column.share, 0)
  const unit = (width - GUTTER * (columns.length - 1)) / shares
  let x = PADDING
  return columns.map((column) => {
    const left = x
    x += unit * column.share + GUTTER
    return pile(left, top, drawPanels(column, frame, unit * column.share, options))
  })
}

const drawPanels = (column: Column, frame: Frame, width: number, options: DrawOptions) =>
  column.panels.flatMap((name) => (PANELS[name] as DrawPanels)(frame, width, options))
