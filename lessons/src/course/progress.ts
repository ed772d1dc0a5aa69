/** What the student has done: kept in JupyterLab's state, so that it is there next time. */
import type { IStateDB } from "@jupyterlab/statedb"
import { Token } from "@lumino/coreutils"
import { type ISignal, Signal } from "@lumino/signaling"

/** How an exercise went so far. */
export interface Attempts {
  readonly right: number
  readonly wrong: number
}

/** Remembers answers to exercises. */
export interface IProgress {
  readonly changed: ISignal<IProgress, void>
  /** Has it been solved at least once? */
  solved(exercise: string): boolean
  attempts(exercise: string): Attempts
  record(exercise: string, right: boolean): void
}

export const IProgress = new Token<IProgress>(
  "ringlab-lessons:IProgress",
  "Which exercises the student has solved.",
)

const KEY = "ringlab-lessons:progress"

export class Progress implements IProgress {
  readonly changed: Signal<IProgress, void> = new Signal<IProgress, void>(this)

  constructor(private readonly state: IStateDB | null) {
    void state?.fetch(KEY).then((kept) => this.restore(kept))
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
}
