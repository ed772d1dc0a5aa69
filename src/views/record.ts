/**
 * Recording for people: `record(machine)` in a cell shows a run that can be stepped through, forwards and backwards.
 */

import { isBootSector } from "../isa/boot-signature"
import type { Program } from "../isa/program"
import { loadBootSector } from "../loaders/boot-sector"
import { Machine } from "../machine/machine"
import { type Drive, type RecordedRun, recordRun } from "../machine/time/recording"
import { Replay } from "../machine/time/replay"
import { fromBase64, toBase64 } from "../numbers/base64"
import { withCard } from "../numbers/card"
import { hex } from "../numbers/int"
import { finished, type Work } from "../numbers/slices"
import { rebuild } from "../parts"
import { pc } from "../pc"
import { VERSION } from "../version"
import type { Listing } from "./context"
import { drawFrame } from "./draw/draw"
import { frameOf } from "./frame"
import { ringOf } from "./happenings"
import { lanesNamed } from "./lanes"
import { RecordedMoment } from "./moment"
import { MIME_TYPE, type RecordingOutput } from "./output"
import { packed } from "./packed"
import { pushedBefore } from "./pushed"
import { DISPLAY, INSPECT, type MimeBundle, type Shown } from "./show"
import type { Frame, FrameOptions, Timeline } from "./view"
import { endOf, runToZeros } from "./zeros"

/** What may be chosen about a recording. */
export interface RecordOptions {
  /**
   * At most so many steps; 10 000 if not said. The run ends before if the machine halts or shuts down, or executes zeros
   * behind its program.
   */
  readonly steps?: number
  /**
   * Whether to go on where the machine executes memory that nobody wrote, zeros, which mean `add [eax], al`. If not said, the
   * recording ends there, some 16 steps later: the program has run past its end.
   */
  readonly throughZeros?: boolean
  /** A heading. */
  readonly title?: string
  /** What to watch at first: `eax`, `ticks dd`, `[esp+8]`, `message db 16`. A number is hexadecimal only where it is written 0x… or …h. */
  readonly pins?: readonly string[]
  /** The step that is shown first; 0, the beginning, if not said. */
  readonly show?: number
  /** Asked now and then whether to stop early. */
  readonly stopRequested?: () => boolean
  /** What runs the machine: a loop of your own, as a hypervisor's. `machine.run` if not said; steps and zeros are its own to mind, then. */
  readonly drive?: Drive
}

const DEFAULT_STEPS = 10_000
const STATIC_WIDTH = 900
/** The JSON that a recording's output carries as `recording`. */
export interface CarriedRecording {
  readonly run: RecordedRun["recorded"]
  readonly listing?: {
    readonly origin: number
    readonly bytes: string
    readonly symbols: Listing["symbols"]
    readonly labels: Listing["labels"]
    readonly source: string
    readonly lines: readonly (readonly [address: number, length: number, line: number])[]
    readonly isGuest?: boolean
  }
}

/** How a run ended, in a sentence. */
function ending(run: RecordedRun["recorded"], listing: Listing | undefined): string {
  const count = `${run.steps.toLocaleString("en")} step${run.steps === 1 ? "" : "s"}`
  switch (run.why) {
    case "halted":
      return `After ${count} the machine halted: HLT, and no interrupt can wake it.`
    case "shutdown":
      return `After ${count} the processor shut down: a fault while delivering a double fault.`
    case "reset":
      return `After ${count} the reset line was pulled, and there is no ROM to start from.`
    case "stopped":
      return `After ${count} the run was stopped.`
    case "zeros":
      return `${pastEnd(run.zeros ?? 0, listing)}: zeros, which mean add [eax], al. The recording ends after ${count}.`
    case "left":
    case "limit":
      return `The recording ends after ${count}; the machine could go on.`
  }
}

const pastEnd = (zeros: number, listing: Listing | undefined) =>
  zeros === endOf(listing)
    ? `It ran past the end of the program, at ${hex(zeros)}`
    : `It came to ${hex(zeros)}, where nobody wrote anything`

/** The run at a glance. */
export function timelineOf(
  run: RecordedRun["recorded"],
  marks: RecordedRun["marks"],
  listing: Listing | undefined,
): Timeline {
  const RING = 3
  const changes = marks.filter(([, kind]) => kind === RING).map(([step, , ring]) => [step, ring] as const)
  const lanes = lanesNamed(run)
  return {
    steps: run.steps,
    rings: [[0, ringOf(run.state.cpu.segments)], ...changes],
    ...(lanes ? { lanes } : {}),
    marks,
    end: ending(run, listing),
  }
}

/** The frame of a step: the machine after it, and what it did. In slices, for a step may be far from where the replay is. */
export function* framing(
  replay: Replay,
  step: number,
  listing: Listing | undefined,
  options: FrameOptions = {},
): Work<Frame> {
  if (step <= 0) {
    replay.seek(0)
    return frameOf({ replay, step: undefined, listing, pushed: [] }, 0, options)
  }
  const pushed = yield* pushedBefore(replay, step)
  return frameOf({ replay, step: yield* replay.explaining(step), listing, pushed }, step, options)
}

/** A recorded run that shows itself in a notebook. */
export class Recording implements Shown {
  /** How many steps were recorded. */
  readonly steps: number
  /** How the run ended: "halted", "shutdown", "reset", "zeros", "limit", "left" or "stopped". */
  readonly why: RecordedRun["recorded"]["why"]
  /** The run at a glance: the rings, and every happening worth jumping to. */
  readonly timeline: Timeline
  private replay: Replay | undefined

  constructor(
    private readonly run: RecordedRun,
    private readonly listing: Listing | undefined,
    private readonly options: RecordOptions,
  ) {
    this.steps = run.recorded.steps
    this.why = run.recorded.why
    this.timeline = timelineOf(run.recorded, run.marks, listing)
  }

  /**
   * The machine after a step, and what the step did.
   * @param step from 0 (the beginning) to `steps`
   * @throws RangeError if there is no such step
   */
  frame(step: number, options: FrameOptions = { pins: this.options.pins }): Frame {
    if (!(Number.isInteger(step) && step >= 0 && step <= this.steps))
      throw new RangeError(`there is no step ${step}: this recording has steps 0 to ${this.steps}`)
    const { replay, listing } = this.momentSource()
    const frame = finished(framing(replay, step, listing, options))
    return withCard(frame, ({ sentence }) => ({
      title: `Frame of step ${step}: ${Object.keys(frame).join(", ")}`,
      says: [sentence],
    }))
  }

  private momentSource() {
    this.replay ??= new Replay(this.run.recorded, rebuild, this.run.marks)
    return { replay: this.replay, listing: this.listing, steps: this.steps }
  }

  /**
   * The machine after a step, to be asked: `at(25).eax`, `at(25).flags.IF`, `at(25).memory("ticks")`.
   * @param step from 0 (the beginning) to `steps`
   * @throws RangeError if there is no such step
   */
  at(step: number): RecordedMoment {
    return new RecordedMoment(this.frame(step), this.momentSource())
  }

  /** The picture of a step as SVG. */
  svg(step = this.options.show ?? 0, width = STATIC_WIDTH): string {
    return drawFrame(this.timeline, this.frame(step), { width, title: this.options.title })
  }

  /** What the notebook carries, before its long parts are packed. */
  output(): RecordingOutput {
    const { title = "Recording", pins = [] } = this.options
    const carried: CarriedRecording = { run: this.run.recorded, listing: this.listing && pack(this.listing) }
    return {
      kind: "recording",
      core: VERSION,
      title,
      recording: carried,
      timeline: this.timeline,
      view: this.frame(this.options.show ?? 0),
      pins: [],
      ...(pins.length > 0 ? { watches: pins } : {}),
    }
  }

  [DISPLAY](): MimeBundle {
    return { [MIME_TYPE]: packed(this.output()), "image/svg+xml": this.svg(), "text/plain": this[INSPECT]() }
  }

  [INSPECT](): string {
    const { sentence } = this.frame(this.options.show ?? 0)
    return `${this.options.title ?? "Recording"}: ${this.timeline.end}\n${sentence}`
  }
}

function pack(listing: Listing): NonNullable<CarriedRecording["listing"]> {
  const { origin, bytes, symbols, labels, source, lines, isGuest } = listing
  return {
    origin,
    bytes: toBase64(bytes),
    symbols,
    labels,
    source,
    lines: lines.map(({ address, length, line }) => [address, length, line]),
    ...(isGuest ? { isGuest } : {}),
  }
}

/** The listing that an output carries. */
export function unpack(carried: NonNullable<CarriedRecording["listing"]>): Listing {
  const texts = carried.source.split("\n")
  const lines = carried.lines.map(([address, length, line]) => ({
    address,
    length,
    line,
    text: texts[line - 1] ?? "",
  }))
  return { ...carried, bytes: fromBase64(carried.bytes), lines }
}

/**
 * Run a machine and record the run. The machine ends where the run ends. A program alone runs on a machine of its own, as
 * `pc()` makes it: `record(program)`; a boot sector is started as a PC starts one.
 * As a cell's value it shows itself: lanes for the rings, code, registers, stack, tables, and controls to step and jump. In
 * code, `at(25)` answers what is where after step 25.
 * @throws RangeError unless `steps` is a positive whole number, or if the program does not fit into 16 MiB
 */
export function record(subject: Machine | Program, options: RecordOptions = {}): Recording {
  const steps = options.steps ?? DEFAULT_STEPS
  if (!(Number.isInteger(steps) && steps > 0))
    throw new RangeError(`steps is ${steps}: it must be a positive whole number`)
  const machine = subject instanceof Machine ? subject : started(subject)
  const { stopRequested, throughZeros, drive = () => runToZeros(machine, steps, stopRequested) } = options
  const run = recordRun(machine, steps, stopRequested, throughZeros ? options.drive : drive)
  return new Recording(run, machine.program ?? guestsListing(machine), options)
}

/** The program of a virtual machine, by which its places are named. */
function guestsListing({ bus }: Machine): Listing | undefined {
  const program = bus.devices.find(({ runs }) => runs)?.runs
  return program && { ...program, isGuest: true }
}

/** A machine of its own for a program. */
function started(program: Program): Machine {
  const machine = pc()
  if (!isBootSector(program.bytes)) return machine.load(program)
  loadBootSector(machine, program.bytes)
  machine.program = program
  return machine
}
