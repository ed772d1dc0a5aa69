/** What the student has done: kept in JupyterLab's state, so that it is there next time. */
import type { IStateDB } from "@jupyterlab/statedb"
import { Token } from "@lumino/coreutils"
import { type ISignal, Signal } from "@lumino/signaling"

/** How an exercise went so far. */
interface Attempts {
  readonly right: number
  readonly wrong: number
}

/** What was last entered, and for which question. */
interface Draft {
  readonly seed: number
  readonly answer: string
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
    const { right: rights, wrong: wrongs } = this.attempts(exercise)
    this.kept.set(
      exercise,
      right ? { right: rights + 1, wrong: wrongs } : { right: rights, wrong: wrongs + 1 },
    )
    void this.state?.save(
      KEY,
      Object.fromEntries([...this.kept].map(([name, { right, wrong }]) => [name, [right, wrong]])),
    )
    this.changed.emit()
  }

  draft(place: string): Draft | undefined {
    return this.drafts.get(place)
  }

  keepDraft(place: string, draft: Draft): void {
    this.drafts.set(place, draft)
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
