/**
 * Two runs as one picture: what belongs together stands on one height, and only what differs is marked. Wide, the two stand side by
 * side; narrow, one below the other panel by panel, so that what is to be compared stays close.
 */
import { type Compared, compared, differencesInWords } from "../compared"
import type { Difference } from "../difference"
import { inRing } from "../lanes"
import type { PairOutput } from "../output"
import { pairDifferences } from "../pair"
import type { Frame, Timeline } from "../view"
import { placesFor, stackShift } from "./aligned"
import { drawCode } from "./code"
import {
  LEAST_WIDTH,
  PADDING,
  type PartsOptions,
  type Picture,
  type PictureParts,
  type Pile,
  picture,
  pictureText,
  pile,
} from "./draw"
import type { Folds } from "./fold"
import { drawNamed } from "./layout"
import { drawSaying } from "./saying"
import { drawStack } from "./stack"
import { DRAW_STYLE } from "./style"
import { at, fitted, text, wrap } from "./svg"
import { type Drawing, TimelinePicture } from "./timeline"

/** A run of a pair. */
export interface Side {
  /** What it is called beside the other one: "ring 3", "on bare metal". */
  readonly name: string
  /** The run at a glance. */
  readonly timeline: Timeline
}

/** Draws the frames of two runs. */
export class PairPicture {
  /** @param sides the left run and the right one */
  constructor(readonly sides: readonly [Side, Side]) {
    this.lanes = sides.map(({ timeline }) => new TimelinePicture(timeline))
  }

  /**
   * Draw a frame of each in parts that a page may put in different places.
   * @param found what counts as a difference; if not said, all values that are not the same
   */
  parts(
    frames: readonly [Frame, Frame],
    { width: wanted, folds }: PartsOptions,
    found?: readonly Difference[],
  ): PictureParts {
    const grid = gridFor(Math.max(LEAST_WIDTH, wanted))
    const both = compared(...frames, found)
    const { width } = grid
    return {
      lanes: picture([this.drawLanes(frames, grid)], { width, label: "Both runs at a glance" }),
      saying: picture([this.drawSayings(both, grid)], { width, label: this.inWords(both) }),
      panels: picture([drawPanels(both, this.names, grid, folds)], { width, label: "Both machines" }),
    }
  }

  /** Draw a frame of each as one picture that stands alone; see `parts`. */
  draw(
    frames: readonly [Frame, Frame],
    width: number,
    title: string,
    found?: readonly Difference[],
  ): Picture {
    const grid = gridFor(width)
    const both = compared(...frames, found)
    const parts = [
      this.drawLanes(frames, grid),
      this.drawSayings(both, grid),
      drawPanels(both, this.names, grid, {}),
    ]
    const whole = pile(0, PADDING, [drawTitle(title), ...parts.map(asDrawing)])
    const style = `<style>${DRAW_STYLE}</style>`
    return picture([whole], { width, label: `${title}. ${this.inWords(both)}`, below: PADDING, style })
  }

  /** What both steps did and what differs, in words. */
  inWords({ left, right, differences }: Compared): string {
    const said = [left, right].map((frame, n) => {
      const { name, timeline } = this.sides[n]
      const why = frame.fault ? ` ${frame.fault.name}: ${frame.fault.says}` : ""
      return `${name}, step ${frame.step} of ${timeline.steps}, ${inRing(timeline, frame.ring)}: ${frame.sentence}${why}`
    })
    return [...said, differencesInWords(differences, SAID)].join(" ")
  }

  /**
   * Which run's step is at a point of the lanes that were drawn for two steps and a width, or null beside them.
   * `x` and `y` in pixels from their corner.
   */
  stepAt(
    steps: readonly [number, number],
    width: number,
    x: number,
    y: number,
  ): { readonly side: 0 | 1; readonly step: number } | null {
    const grid = gridFor(Math.max(LEAST_WIDTH, width))
    let top = 0
    for (const side of [0, 1] as const) {
      const left = grid.columns[side]
      const step = this.lanes[side].stepAt(steps[side], grid.column, x - left, y - NAME - top)
      if (step !== null) return { side, step }
      if (grid.isNarrow) top += NAME + heightOf(this.lanes[side].draw(steps[side], grid.column))
    }
    return null
  }

  private get names(): readonly [string, string] {
    return [this.sides[0].name, this.sides[1].name]
  }

  private drawLanes(frames: readonly [Frame, Frame], grid: Grid): Pile {
    const [one, other] = frames.map(({ step }, n) => {
      const parts = this.lanes[n].draw(step, grid.column)
      return stack([named(this.names[n], grid.column), ...parts])
    })
    return rows(grid, [[one, other]])
  }

  private drawSayings({ left, right, differences }: Compared, grid: Grid): Pile {
    const [one, other] = [left, right].map((frame, n) => {
      const said = drawSaying(this.sides[n].timeline, frame, grid.column)
      return grid.isNarrow ? stack([named(this.names[n], grid.column), said]) : said
    })
    const { blocks, bottom } = rows(grid, [[one, other]])
    const said = drawDifferences(differences, grid.width - 2 * PADDING)
    return { blocks: [...blocks, at(PADDING, bottom, said.svg)], bottom: bottom + said.height }
  }

  private readonly lanes: readonly TimelinePicture[]
}

/** Where a slider that moves both begins and ends, in pixels from the edges of the picture. */
export const PAIR_ENDS = { left: PADDING, right: PADDING } as const

/** Values that are named below the sentences; the others are marked in the panels all the same. */
const SAID = 8

const WIDTH = 1000

/** The frames that a pair's output shows first as one picture. */
export function drawPair(output: PairOutput): string {
  const { left, right, names, title } = output
  const sides = [left, right].map(({ timeline }, n) => ({ name: names[n], timeline }))
  const pair = new PairPicture([sides[0], sides[1]])
  const frames = [left.view, right.view] as const
  return pictureText(pair.draw(frames, WIDTH, title, pairDifferences(output, frames)))
}

const asDrawing = ({ blocks, bottom }: Pile): Drawing => ({ svg: blocks.join(""), height: bottom })

const drawTitle = (title: string): Drawing => ({ svg: text(PADDING, 14, title, "rl-title"), height: 32 })

// ---- the grid

interface Grid {
  /** Of the whole picture, in pixels. */
  readonly width: number
  /** Width of a column, and where each begins. */
  readonly column: number
  readonly columns: readonly [number, number]
  readonly isNarrow: boolean
}

/** Width in pixels from which two panels stand side by side. */
const SIDE_BY_SIDE = 680
const GUTTER = 28

function gridFor(width: number): Grid {
  const inner = width - 2 * PADDING
  if (width < SIDE_BY_SIDE) return { width, column: inner, columns: [PADDING, PADDING], isNarrow: true }
  const column = Math.floor((inner - GUTTER) / 2)
  return { width, column, columns: [PADDING, PADDING + column + GUTTER], isNarrow: false }
}

type Row = readonly [Drawing | null, Drawing | null]

/** Rows of two drawings, as high as the higher one; in a narrow grid one below the other. */
function rows({ columns, isNarrow }: Grid, all: readonly Row[]): Pile {
  if (isNarrow) return pile(columns[0], 0, all.flat())
  let bottom = 0
  const blocks: string[] = []
  for (const row of all) {
    blocks.push(...row.flatMap((drawing, n) => (drawing ? [at(columns[n], bottom, drawing.svg)] : [])))
    bottom += Math.max(...row.map((drawing) => drawing?.height ?? 0))
  }
  return { blocks, bottom }
}

/** Drawings one below the other as one. */
function stack(all: readonly Drawing[]): Drawing {
  const { blocks, bottom } = pile(0, 0, all)
  return { svg: blocks.join(""), height: bottom }
}

const heightOf = (all: readonly Drawing[]) => all.reduce((sum, { height }) => sum + height, 0)

/** Height in pixels of a run's name above its part. */
const NAME = 20

const named = (name: string, width: number): Drawing => ({
  svg: fitted(0, 14, name, "rl-step", width, 8),
  height: NAME,
})

function drawDifferences(found: readonly Difference[], width: number): Drawing {
  const lines = wrap(differencesInWords(found, SAID), Math.floor(width / 7.6))
  return {
    svg: lines.map((line, n) => text(0, 16 + n * 18, line, "rl-text")).join(""),
    height: lines.length * 18 + 8,
  }
}

// ---- panels

type DrawPair = (both: Compared, width: number) => Row

/** Panels whose lines are to be brought to the same height. */
const ALIGNED: Readonly<Record<string, DrawPair>> = {
  code: ({ left, right }, width) => {
    const places = placesFor(left.code, right.code)
    return [drawCode(left, width, places?.[0]), drawCode(right, width, places?.[1])]
  },
  stack: ({ left, right }, width) => {
    const below = stackShift(left, right)
    return [drawStack(left, width, Math.max(0, below)), drawStack(right, width, Math.max(0, -below))]
  },
}

const PANELS = [
  "code",
  "stack",
  "registers",
  "memory",
  "segments",
  "control",
  "events",
  "changes",
  "idt",
  "gdt",
  "devices",
]

const either =
  (holds: (frame: Frame) => boolean) =>
  ({ left, right }: Compared) =>
    holds(left) || holds(right)

/** What a part is open for, besides the reader's wish: what it shows differs. */
const OPENS: Readonly<Record<string, (both: Compared) => boolean>> = {
  segments: ({ left }) => left.segments.some(({ differs }) => differs),
  control: ({ left }) => left.control.some(({ differs }) => differs),
  events: ({ left, right }) => left.events.join() !== right.events.join(),
  // What a step has to do with, in either run: folded they would say that it has nothing to do with them.
  changes: either(({ changes }) => changes.length > 0),
  idt: either(({ idt }) => idt.some(({ used }) => used)),
  gdt: either(({ gdt }) => gdt.some(({ used }) => used)),
  devices: either(({ devices }) => devices.some(({ old }) => old !== undefined)),
}

const FOLDED = ["segments", "control", "events", "changes", "idt", "gdt", "devices"]

function drawPanels(both: Compared, names: readonly [string, string], grid: Grid, wished: Folds): Pile {
  const folds = Object.fromEntries(FOLDED.map((name) => [name, wished[name] ?? OPENS[name]?.(both) ?? false]))
  const all = PANELS.flatMap((name) => drawRows(name, both, grid.column, { ...wished, ...folds }))
  return rows(grid, grid.isNarrow ? all.map((row) => captioned(row, names, grid)) : all)
}

function drawRows(name: string, both: Compared, width: number, folds: Folds): Row[] {
  if (Object.hasOwn(ALIGNED, name)) return [ALIGNED[name](both, width)]
  const [left, right] = [both.left, both.right].map((frame) => drawNamed(name, frame, width, folds))
  const count = Math.max(left.length, right.length)
  return Array.from({ length: count }, (_, n) => [left[n] ?? null, right[n] ?? null])
}

/** One below the other each panel says whose it is. */
function captioned(row: Row, names: readonly [string, string], { column }: Grid): Row {
  const [left, right] = row.map((drawing, n) => drawing && stack([named(names[n], column), drawing]))
  return [left, right]
}
