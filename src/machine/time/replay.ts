/**
 * Time travel: a recorded run, played again. Checkpoints hold the machine at some steps; any other step is reached by
 * running on from the nearest one before it.
 */
import { CS } from "../../isa/registers"
import { finished, type Work } from "../../numbers/slices"
import { PAGE_SHIFT } from "../board/memory"
import type { Event } from "../events/events"
import type { Mark } from "../events/marks"
import type { Machine, MachineState } from "../machine"
import { JournalReader } from "./journal"
import { hashing, isJournalWhole, MARK_LIMIT, MarkCollector, type Recorded, restoreStart } from "./recording"

/** Makes a machine with a recording's parts; its foreign devices read the journal. */
export type Builder = (recorded: Recorded, journal: JournalReader) => Machine

/** One step, looked at closely. */
export interface Explained {
  readonly before: MachineState
  readonly after: MachineState
  readonly events: readonly Event[]
}

/** The machine at some step. Unchanged pages are shared between checkpoints. */
interface Checkpoint {
  readonly step: number
  readonly state: MachineState
  readonly pages: readonly (Uint8Array | undefined)[]
  readonly journal: number
  /** Bytes that the devices' states take, about: a serial port remembers all that was sent. */
  readonly states: number
}

/** At most so many checkpoints: past that, every second one is dropped and they are taken half as often. */
const MOST_CHECKPOINTS = 64
/** Copied pages and devices' states may take so many bytes together. */
const MOST_BYTES = 96 * (1 << 20)
const FIRST_SPACING = 2048
/** Steps between two yields: some ten milliseconds where each step is a fault. */
const SLICE = 20_000

export class Replay {
  readonly machine: Machine
  private readonly journal: JournalReader
  private readonly first: number
  private checkpoints: Checkpoint[] = []
  private spacing = FIRST_SPACING
  private copied = 0
  /** What memory held, page by page, when it was last saved or restored. */
  private current: Checkpoint["pages"] = []

  constructor(
    readonly recorded: Recorded,
    build: Builder,
    /** What happened, if it is known already; `playThrough` finds it anew. */
    public marks: readonly Mark[] = [],
  ) {
    this.journal = new JournalReader(recorded.journal)
    this.machine = build(recorded, this.journal)
    restoreStart(this.machine, recorded)
    this.first = this.machine.clock.steps
    this.checkpoints.push(this.checkpoint(undefined))
  }

  /** The step that the machine is at, from 0. */
  get step(): number {
    return this.machine.clock.steps - this.first
  }

  /** Play to the end once, taking checkpoints. @returns whether the end is the recorded one */
  playThrough(): boolean {
    return finished(this.playing())
  }

  /** `playThrough` in slices. Who ends it before its end throws the replay away. */
  *playing(): Work<boolean> {
    const collector = new MarkCollector(this.machine, this.first, MARK_LIMIT)
    this.machine.listener = collector
    while (this.step < this.recorded.steps) {
      const before = this.step
      yield* this.running(before + this.spacing, 0, this.recorded.steps)
      if (this.step === before) break
      if (this.step < this.recorded.steps) this.keep()
      yield { done: this.step, of: this.recorded.steps }
    }
    this.machine.listener = undefined
    this.marks = collector.marks
    return (yield* hashing(this.machine)) === this.recorded.hash && isJournalWhole(this.recorded)
  }

  /** Run on to a step, or to the end of the run if that comes first. It is part of what goes from one step to another. */
  private *running(to: number, from = this.step, goal = to): Work<void> {
    const last = Math.min(to, this.recorded.steps)
    while (this.step < last) {
      const before = this.step
      this.machine.run({ steps: Math.min(SLICE, last - before) })
      if (this.step === before) return
      if (this.step < last) yield { done: this.step - from, of: goal - from }
    }
  }

  private keep(): void {
    const last = this.checkpoints[this.checkpoints.length - 1]
    this.checkpoints.push(this.checkpoint(last))
    if (this.checkpoints.length > MOST_CHECKPOINTS || this.copied > MOST_BYTES) this.thin()
  }

  private checkpoint(previous: Checkpoint | undefined): Checkpoint {
    const { memory, cpu } = this.machine
    const pages = Array.from({ length: memory.size >>> PAGE_SHIFT }, (_, number) =>
      this.savePage(number, previous),
    )
    memory.dirty.fill(0)
    cpu.linear.watchAll()
    this.current = pages
    const state = this.machine.save()
    const states = 2 * JSON.stringify(state.devices).length
    this.copied += states
    return { step: this.step, state, pages, journal: this.journal.position, states }
  }

  /** A page as the previous checkpoint has it, or a copy if it changed since. */
  private savePage(number: number, previous: Checkpoint | undefined): Uint8Array | undefined {
    const { memory } = this.machine
    if (!memory.dirty[number]) return previous?.pages[number]
    this.copied += 1 << PAGE_SHIFT
    return memory.page(number).slice()
  }

  /** Drop every second checkpoint but the first. */
  private thin(): void {
    this.checkpoints = this.checkpoints.filter((_, n) => n % 2 === 0)
    this.spacing *= 2
    const kept = new Set(this.checkpoints.flatMap(({ pages }) => pages))
    this.copied = this.checkpoints.reduce((sum, { states }) => sum + states, kept.size << PAGE_SHIFT)
  }

  /** Bring the machine to a step. */
  seek(step: number): void {
    finished(this.seeking(step))
  }

  /** `seek` in slices. It may be ended at any yield: the next one begins where the machine is. */
  private *seeking(step: number): Work<void> {
    const wanted = Math.max(0, Math.min(step, this.recorded.steps))
    const nearest = this.checkpoints.findLast((checkpoint) => checkpoint.step <= wanted) as Checkpoint
    if (this.step > wanted || this.step < nearest.step) this.restore(nearest)
    yield* this.running(wanted)
  }

  private restore(checkpoint: Checkpoint): void {
    const { memory } = this.machine
    checkpoint.pages.forEach((page, number) => {
      if (this.differs(number, page)) this.putPage(number, page)
    })
    this.journal.position = checkpoint.journal
    this.machine.restore(checkpoint.state)
    this.current = checkpoint.pages
    memory.dirty.fill(0)
  }

  private differs(number: number, page: Uint8Array | undefined): boolean {
    return this.machine.memory.dirty[number] === 1 || this.current[number] !== page
  }

  private putPage(number: number, page: Uint8Array | undefined): void {
    this.machine.engine.blocks.forget(number)
    const target = this.machine.memory.page(number)
    if (page) target.set(page)
    else target.fill(0)
  }

  /**
   * The nearest step that runs the instruction at a linear address, later (1) or earlier (-1) than a step, in slices.
   * @returns undefined if there is none
   */
  *findingCode(address: number, from: number, direction: 1 | -1): Work<number | undefined> {
    if (direction === 1) return yield* this.runs(address, from, this.recorded.steps, true)
    const starts = this.checkpoints.map(({ step }) => step).filter((step) => step < from - 1)
    let end = from - 1
    for (const start of starts.reverse()) {
      const found = yield* this.runs(address, start, end, false)
      if (found !== undefined) return found
      end = start
    }
    return undefined
  }

  /** The first or the last step, of those behind `from` up to `to`, that runs the instruction at a linear address. */
  private *runs(address: number, from: number, to: number, first: boolean): Work<number | undefined> {
    const { machine } = this
    let found: number | undefined
    yield* this.seeking(from)
    while (this.step < to) {
      const isThere = ((machine.cpu.segments.base[CS] + machine.cpu.eip) | 0) === (address | 0)
      const before = this.step
      machine.run({ steps: 1 })
      if (this.step === before) break
      if (isThere) found = this.step
      if (isThere && first) break
      if (this.step % SLICE === 0) yield { done: this.step - from, of: to - from }
    }
    return found
  }

  /** Run the step that leads to frame `step` and tell all about it, in slices. `step` is 1 or more. */
  *explaining(step: number): Work<Explained> {
    yield* this.seeking(step - 1)
    const before = this.machine.save()
    const events = this.eventsOfNext()
    return { before, after: this.machine.save(), events }
  }

  /** `explaining` at once. */
  explain(step: number): Explained {
    return finished(this.explaining(step))
  }

  /** Run the step that leads to frame `step` and tell what happened in it, in slices. `step` is 1 or more. */
  *eventsOf(step: number): Work<readonly Event[]> {
    yield* this.seeking(step - 1)
    return this.eventsOfNext()
  }

  private eventsOfNext(): readonly Event[] {
    const events: Event[] = []
    this.machine.listener = { detail: true, tell: (event) => void events.push(event) }
    this.machine.step()
    this.machine.listener = undefined
    return events
  }
}
