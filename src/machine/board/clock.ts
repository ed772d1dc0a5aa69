/**
 * The one clock: cycles. Every step costs one, and what is charged beyond comes on top. Devices post events to a queue
 * ordered by (cycle, sequence).
 *
 * An engine counts `left` down once a step and looks up when it reaches 0: an event is due, the wished number of steps
 * is done, or somebody called `lookUp`. So a step costs one decrement, and yet `now` is exact at any time.
 */
import { INSPECT } from "../../numbers/host"

/** An event that a device posted: the device's `tick(tag)` is called at cycle `at`. */
export interface Posted {
  /** The cycle at which it is due. */
  readonly at: number
  /** Of two that are due at once, the one that was posted first comes first. */
  readonly sequence: number
  /** The device's name. */
  readonly device: string
  /** The device's own word for what it waits for. */
  readonly tag: number
}

/** The clock as plain data. */
export interface ClockState {
  /** Cycles since the machine was made. */
  readonly now: number
  /** Those of them that no step was counted for. */
  readonly charged: number
  /** The number of the next event. */
  readonly sequence: number
  /** Events to come, the next one first. */
  readonly queue: readonly Posted[]
}

/** A window never needs more steps; and `left` stays an integer that engines count down fast. */
const LONGEST_WINDOW = 0x3fff_ffff
const small = (steps: number) => Math.max(0, Math.min(steps, LONGEST_WINDOW)) | 0

/** Cycles and steps so far, and what is to come. One a machine. */
export class Clock {
  /** Steps that may be run before somebody must look up. The engine counts it down. */
  left = 0
  /** Cycle at which `left` was `window`, and cycles charged until then. */
  private start = 0
  private chargedBefore = 0
  private window = 0
  /** Cycles charged since, and how many may be before an event is due within the window. Small whole numbers. */
  private extra = 0
  private slack = 0
  private sequence = 0
  private queue: Posted[] = []

  /** Cycles since the machine was made. */
  get now(): number {
    return this.start + this.window - this.left + this.extra
  }

  /** Steps since the machine was made. */
  get steps(): number {
    return this.start + this.window - this.left - this.chargedBefore
  }

  /** Cycle of the next event, or Infinity. */
  get next(): number {
    return this.queue.length > 0 ? this.queue[0].at : Number.POSITIVE_INFINITY
  }

  /** Allow up to `steps` steps, fewer if an event is due before. */
  open(steps: number): void {
    this.start = this.now
    this.chargedBefore += this.extra
    this.extra = 0
    this.left = small(Math.min(steps, this.next - this.start))
    this.window = this.left
    this.slack = small(this.next - this.start - this.window)
  }

  /** Make the engine stop after the step it is in. */
  lookUp(): void {
    this.open(0)
  }

  /** Count steps that the engine did not count: an interrupt's delivery, or what ran on another processor. */
  tick(steps = 1): void {
    this.start += steps
  }

  /** Let a few cycles pass without a step. An event that became due shortens what is left. */
  charge(cycles: number): void {
    this.extra += cycles
    if (this.extra > this.slack) this.open(this.left)
  }

  /** Let any number of cycles pass without a step. */
  skip(cycles: number): void {
    this.start += cycles
    this.chargedBefore += cycles
    this.open(this.left)
  }

  /** Have an event after so many cycles, at least one; parts of a cycle count as one. */
  post(device: string, cycles: number, tag: number): void {
    const event = { at: this.now + Math.max(1, Math.ceil(cycles)), sequence: this.sequence++, device, tag }
    const place = this.queue.findIndex((other) => other.at > event.at)
    this.queue.splice(place < 0 ? this.queue.length : place, 0, event)
    this.open(this.left)
  }

  /** Forget a device's events with this tag. */
  cancel(device: string, tag: number): void {
    if (!this.queue.some((event) => event.device === device && event.tag === tag)) return
    this.queue = this.queue.filter((event) => event.device !== device || event.tag !== tag)
  }

  /** Take the first event if it is due. */
  takeDue(): Posted | undefined {
    return this.next <= this.now ? this.queue.shift() : undefined
  }

  /** In a line. */
  [INSPECT](): string {
    return `Clock: step ${this.steps.toLocaleString("en")}, cycle ${this.now.toLocaleString("en")}`
  }

  /** The clock as plain data of its own. */
  save(): ClockState {
    const { now, sequence } = this
    return { now, charged: this.chargedBefore + this.extra, sequence, queue: [...this.queue] }
  }

  /** Put back what `save` gave. */
  restore(state: ClockState): void {
    this.start = state.now
    this.chargedBefore = state.charged
    this.left = 0
    this.window = 0
    this.extra = 0
    this.sequence = state.sequence
    this.queue = [...state.queue]
    this.open(0)
  }
}
