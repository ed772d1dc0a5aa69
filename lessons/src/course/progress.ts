/** What the student has done outside of notebooks that can keep it: in JupyterLab's state, so that it is there next time. */
import type { IStateDB } from "@jupyterlab/statedb"
import { Token } from "@lumino/coreutils"
import { type ISignal, Signal } from "@lumino/signaling"
import type { Kept } from "./kept"

/** How an exercise went so far. */
export interface Attempts {
  readonly right: number
  readonly wrong: number
}

/** What was last entered, and for which question. */
export interface Draft {
  readonly seed: number
  readonly answer: string
  /** Honest misses with this question; none if not said. */
  readonly misses?: number
}

/** Remembers answers to exercises. */
export interface IProgress {
  /** What was kept from the last time is there. */
  readonly ready: Promise<void>
  readonly changed: ISignal<IProgress, void>
  /** Has it been solved at least once? */
  solved(exercise: string): boolean
  attempts(exercise: string): Attempts
  record(exercise: string, right: boolean): void
  /** The answer that was left at a place, which is an exercise in a notebook. */
  draft(place: string): Draft | undefined
  keepDraft(place: string, draft: Draft): void
}

export const IProgress = new Token<IProgress>(
  "ringlab-lessons:IProgress",
  "Which exercises the student has solved.",
)

/** The exercise of a place: "rings/iopl" of "rings/iopl 3". */
export const exerciseAt = (place: string) => place.split(" ")[0]

/** Counts one more answer. */
export const counted = ({ right, wrong }: Attempts, isRight: boolean): Attempts =>
  isRight ? { right: right + 1, wrong } : { right, wrong: wrong + 1 }

const KEY = "ringlab-lessons:progress"
const DRAFTS = "ringlab-lessons:answers"

export class Progress implements IProgress {
  readonly changed: Signal<IProgress, void> = new Signal<IProgress, void>(this)

  readonly ready: Promise<void>

  constructor(private readonly state: IStateDB | null) {
    const kept = [state?.fetch(KEY), state?.fetch(DRAFTS)]
    this.ready = Promise.all(kept).then(([counts, drafts]) => {
      this.restore(counts)
      this.restoreDrafts(drafts)
    })
  }

  solved(exercise: string): boolean {
    return this.attempts(exercise).right > 0
  }

  attempts(exercise: string): Attempts {
    return this.kept.get(exercise) ?? { right: 0, wrong: 0 }
  }

  record(exercise: string, right: boolean): void {
    this.kept.set(exercise, counted(this.attempts(exercise), right))
    this.saveCounts()
    this.changed.emit()
  }

  draft(place: string): Draft | undefined {
    return this.drafts.get(place)
  }

  keepDraft(place: string, draft: Draft): void {
    this.drafts.set(place, draft)
    this.saveDrafts()
  }

  /** All that is remembered of the exercises at these places. */
  keptFor(places: readonly string[]): Omit<Kept, "predictions"> {
    const exercises = places.map(exerciseAt)
    return {
      drafts: new Map([...this.drafts].filter(([place]) => places.includes(place))),
      attempts: new Map([...this.kept].filter(([exercise]) => exercises.includes(exercise))),
    }
  }

  /** A notebook has it now. */
  forget(places: readonly string[]): void {
    const { drafts, attempts } = this.keptFor(places)
    for (const place of drafts.keys()) this.drafts.delete(place)
    for (const exercise of attempts.keys()) this.kept.delete(exercise)
    if (drafts.size > 0) this.saveDrafts()
    if (attempts.size > 0) this.saveCounts()
  }

  private saveCounts(): void {
    const counts = [...this.kept].map(([name, { right, wrong }]) => [name, [right, wrong]])
    void this.state?.save(KEY, Object.fromEntries(counts))
  }

  private saveDrafts(): void {
    const kept = [...this.drafts].map(([name, { seed, answer }]) => [name, [seed, answer]])
    void this.state?.save(DRAFTS, Object.fromEntries(kept))
  }

  private restoreDrafts(kept: unknown): void {
    if (typeof kept !== "object" || kept === null) return
    for (const [place, draft] of Object.entries(kept)) {
      const [seed, answer] = Array.isArray(draft) ? draft : []
      if (Number.isInteger(seed) && typeof answer === "string" && !this.drafts.has(place))
        this.drafts.set(place, { seed, answer })
    }
  }

  /** What was kept comes after the start; what happened in between is not lost. */
  private restore(kept: unknown): void {
    if (typeof kept !== "object" || kept === null) return
    for (const [name, counts] of Object.entries(kept)) {
      if (!Array.isArray(counts) || !counts.every(Number.isInteger)) continue
      const { right, wrong } = this.attempts(name)
      this.kept.set(name, { right: right + counts[0], wrong: wrong + counts[1] })
    }
    this.changed.emit()
  }

  private readonly kept = new Map<string, Attempts>()
  private readonly drafts = new Map<string, Draft>()
}
