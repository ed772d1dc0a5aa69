/** The list of lessons, to which any extension may add its own. */
import { Token } from "@lumino/coreutils"
import { type ISignal, Signal } from "@lumino/signaling"

/** One lesson: a notebook and the exercises in it. */
export interface Lesson {
  /** Short and never changed, e.g. "traps". */
  readonly id: string
  readonly title: string
  /** File name of the notebook, e.g. "03-traps.ipynb"; it is looked for in `notebooks/` and in the folder shown. */
  readonly notebook: string
  /** Where it stands among the others: smaller comes first. */
  readonly rank: number
  /** Names of its exercises, as `exercise()` takes them. */
  readonly exercises: readonly string[]
}

/** Where lessons are registered. */
export interface ILessons {
  /** All lessons by rank. */
  readonly all: readonly Lesson[]
  readonly changed: ISignal<ILessons, void>
  /**
   * Add a lesson.
   * @throws RangeError if there is one with this id
   */
  add(lesson: Lesson): void
}

export const ILessons = new Token<ILessons>(
  "ringlab-lessons:ILessons",
  "The lessons that the course panel lists; add your own with add().",
)

export class Lessons implements ILessons {
  readonly changed: Signal<ILessons, void> = new Signal<ILessons, void>(this)

  get all(): readonly Lesson[] {
    return [...this.byId.values()].sort((a, b) => a.rank - b.rank)
  }

  add(lesson: Lesson): void {
    if (this.byId.has(lesson.id))
      throw new RangeError(`There is already a lesson with the id “${lesson.id}”.`)
    this.byId.set(lesson.id, lesson)
    this.changed.emit()
  }

  private readonly byId = new Map<string, Lesson>()
}
