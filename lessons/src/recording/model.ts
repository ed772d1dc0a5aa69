/** A recording as the page knows it: which step is shown, what is pinned, whether it plays. Knows no HTML. */
import { Signal } from "@lumino/signaling"
import { type Frame, pinOf010, type RecordingOutput, type Timeline } from "ringlab"
import { Latest } from "../latest"
import { Cancelled, Crashed, type Player, Sorry } from "../player/player"
import { findMark, type Target } from "./jump"

const counted = (steps: number) => steps.toLocaleString("en")

/** Steps of a run that is replayed before anybody has noticed. */
const SHORT = 200_000

/** A generation that no worker has: the recording was not opened yet. */
const NEVER = -1

/** An instruction, by its linear address, and where to look for a step that runs it. */
interface Sought {
  readonly address: number
  readonly direction: 1 | -1
}

export class RecordingModel {
  constructor(
    private readonly player: Player,
    private readonly output: RecordingOutput,
    /** Whether registers are shown as a guest of the machine believes them to be. */
    private readonly guest = false,
  ) {
    this.timeline = output.timeline
    this.frame = output.view
    this.wanted = output.view.step
    this.pins = output.watches ?? output.pins.map(pinOf010)
  }

  /** Something that is shown has changed. */
  readonly changed = new Signal<this, void>(this)
  /** What is shown now. */
  frame: Frame
  timeline: Timeline
  /** What the reader pinned, in order. */
  pins: readonly string[]
  /** What of the last pin could not be shown, or empty. */
  pinNotice = ""
  /** A sentence about the replay, or empty: why it failed, or that it was stopped. */
  notice = ""
  /** The worker is at a step; the picture is of an older one. */
  replaying = false
  /** How far a replay is that the wanted step waits for; undefined: none is under way, or it has not said. */
  progress: readonly [done: number, of: number] | undefined
  playing = false
  /** The replay failed: only the carried picture can be shown. */
  failed = false

  get title(): string {
    return this.output.title
  }

  /** The step that is wanted; the frame shown follows as soon as the worker has it. */
  get step(): number {
    return this.wanted
  }

  /** Show a step; numbers outside of the run mean its ends. */
  goTo(step: number): void {
    const last = this.timeline.steps
    this.wanted = Math.max(0, Math.min(last, Math.round(step) || 0))
    this.work.push(this.wanted) // first, so that the worker is at it while the page shows the number
    this.changed.emit()
  }

  /** The reader is about to move: open the recording now, so that the first step comes as fast as the others. Not a long one. */
  prepare(): void {
    if (!this.isOpen && !this.failed && !this.replaying && this.output.timeline.steps <= SHORT)
      this.work.push(this.wanted)
  }

  /** Start the machine that replays, while the page has nothing else to do. */
  warm(): void {
    this.player.warm()
  }

  /** Show the next or previous happening of a kind. @returns false if there is none */
  jump(target: Target, direction: 1 | -1): boolean {
    const step = findMark(this.timeline, target, this.wanted, direction)
    if (step !== null) this.goTo(step)
    return step !== null
  }

  /** Show the next (1) or last (-1) step that runs the instruction at a linear address; if there is none, say so. */
  runTo(address: number, direction: 1 | -1): void {
    this.work.push({ address, direction })
    this.changed.emit()
  }

  /** The same for the line that the step shown ran, or tried to. */
  runAgain(direction: 1 | -1): void {
    const line = this.frame.code.find(({ ran }) => ran)
    if (line) this.runTo(line.address, direction)
  }

  /** Watch a register or memory; `watches.ts` of the core says how it is written. */
  pin(what: string): void {
    const name = what.trim().slice(0, 60)
    if (name === "" || this.pins.includes(name)) return
    this.pinNotice = ""
    this.newest = name
    this.pins = [...this.pins, name]
    this.goTo(this.wanted)
  }

  unpin(what: string): void {
    this.pins = this.pins.filter((pin) => pin !== what)
    this.goTo(this.wanted)
  }

  /** Step on by itself, so many steps a second, until the end or `pause`. Starts again from the beginning if at the end. */
  play(stepsPerSecond: () => number): void {
    this.playing = true
    if (this.wanted >= this.timeline.steps) this.goTo(0)
    this.changed.emit()
    const tick = () => {
      if (!this.playing) return
      // A step that takes long is waited for: the next one would overtake it, and none be seen.
      if (!this.replaying) this.goTo(this.wanted + 1)
      if (this.wanted >= this.timeline.steps) this.pause()
      else this.timer = setTimeout(tick, 1000 / stepsPerSecond())
    }
    this.timer = setTimeout(tick, 1000 / stepsPerSecond())
  }

  /** Wait no more for the step that is wanted, and stay where the picture is. The next move begins anew. */
  stop(): void {
    const { replaying, timeline, frame } = this
    if (!replaying) return
    this.work.cancel()
    this.opening.abort()
    this.wanted = frame.step
    this.tell(
      `The replay was stopped; this run has ${counted(timeline.steps)} steps. Move the step to replay it again.`,
    )
    this.pause()
  }

  pause(): void {
    clearTimeout(this.timer)
    this.playing = false
    this.changed.emit()
  }

  dispose(): void {
    clearTimeout(this.timer)
    this.playing = false
    this.disposed = true
    this.work.cancel()
    this.opening.abort()
    Signal.clearData(this)
    if (this.isOpen) this.close()
  }

  private close(): void {
    void this.player.ask({ do: "close", recording: this.open.recording }, "closed").catch(() => {})
  }

  private readonly work = new Latest<number | Sought>((wanted, signal) => this.show(wanted, signal))

  private async show(wanted: number | Sought, signal: AbortSignal): Promise<void> {
    if (this.failed || this.disposed) return
    this.replaying = true
    try {
      const recording = this.isOpen ? this.open.recording : await this.reopen()
      const step = typeof wanted === "number" ? wanted : await this.seek(recording, wanted, signal)
      const options = { pins: this.pins, ...(this.guest ? { guest: true } : {}) }
      const request = { do: "frame", recording, step, options } as const
      const { frame } = await this.player.ask(request, "frame", this.hear, signal)
      this.frame = this.withoutUnknown(frame)
    } catch (error) {
      if (!(error instanceof Cancelled)) this.complain(error)
    }
    this.replaying = false
    this.progress = undefined
    if (!this.disposed) this.changed.emit()
  }

  /** The step that was sought; the one that is shown if there is none. */
  private async seek(
    recording: number,
    { address, direction }: Sought,
    signal: AbortSignal,
  ): Promise<number> {
    const from = this.wanted
    const request = { do: "ran", recording, address, from, direction } as const
    const { step } = await this.player.ask(request, "found", this.hear, signal)
    this.tell(step === null ? `No ${direction === 1 ? "later" : "earlier"} step runs this line.` : "")
    if (step !== null) this.wanted = step
    return this.wanted
  }

  private readonly hear = (...progress: readonly [number, number]): void => {
    this.progress = progress
    if (!this.disposed) this.changed.emit()
  }

  /** A pin that means nothing is told why and not kept, unless the notebook's author set it. */
  private withoutUnknown(frame: Frame): Frame {
    const wrong = frame.watches?.find(({ title, wrong }) => wrong !== undefined && title === this.newest)
    if (!wrong) return frame
    this.pins = this.pins.filter((pin) => pin !== wrong.title)
    this.pinNotice = wrong.wrong ?? ""
    return { ...frame, watches: frame.watches?.filter((watch) => watch !== wrong) }
  }

  private get isOpen(): boolean {
    return this.open.generation === this.player.generation
  }

  /** Open the recording in the worker when it is first needed, and again after a crash. Newer steps wait for it. */
  private async reopen(): Promise<number> {
    const recording = this.player.newRecording()
    this.opening = new AbortController()
    const { signal } = this.opening
    this.tell("")
    const request = { do: "open", recording, output: this.output } as const
    const { timeline, warning } = await this.player.ask(request, "opened", this.hear, signal)
    this.open = { recording, generation: this.player.generation }
    if (this.disposed) this.close()
    this.timeline = timeline
    this.tell(warning ?? "")
    return recording
  }

  private tell(notice: string): void {
    this.notice = notice
    if (!this.disposed) this.changed.emit()
  }

  private complain(error: unknown): void {
    this.failed = this.open.generation === NEVER && !(error instanceof Crashed)
    this.playing = false
    this.wanted = this.frame.step
    const why = error instanceof Sorry ? error.message : `The simulation failed: ${String(error)}.`
    this.notice = this.failed ? `${why} What you see is the picture that the notebook carries.` : why
  }

  private opening = new AbortController()
  private open = { recording: 0, generation: NEVER }
  private wanted: number
  /** The pin that the reader set last. */
  private newest = ""
  private timer: ReturnType<typeof setTimeout> | undefined
  private disposed = false
}
