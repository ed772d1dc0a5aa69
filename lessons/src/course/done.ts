/** How far each lesson is, in the file that its student works in. */
import type { Contents } from "@jupyterlab/services"
import { Signal } from "@lumino/signaling"
import { type Copies, nameOf } from "./copies"
import { KEY, readKept } from "./kept"
import type { ILessons, Lesson } from "./lessons"
import type { INotebooks } from "./notebooks"
import type { IProgress } from "./progress"

/** Whether an exercise was solved. */
type Solved = (exercise: string) => boolean

export class Done {
  readonly changed = new Signal<this, void>(this)

  /**
   * @param before what is remembered outside of notebooks
   * @param shownFolder the folder that the file browser shows
   */
  constructor(
    private readonly lessons: ILessons,
    private readonly notebooks: INotebooks,
    private readonly copies: Copies,
    private readonly before: IProgress,
    private readonly contents: Pick<Contents.IManager, "get">,
    private readonly shownFolder: () => string,
  ) {
    notebooks.changed.connect((_, path) => void this.noticed(path))
    before.changed.connect(() => this.changed.emit())
  }

  /** The file that a lesson is worked on in, as far as is known. */
  fileOf({ id }: Lesson): string | undefined {
    return this.paths.get(id)
  }

  /** So many of a lesson's exercises are solved, as far as is known. */
  solvedOf({ id, exercises }: Lesson): number {
    const solved = this.solvedIn(this.paths.get(id))
    return exercises.filter((exercise) => solved(exercise)).length
  }

  /** Look where each lesson is worked on, and read what is not open. */
  async refresh(): Promise<void> {
    for (const lesson of this.lessons.all) {
      const path = await this.copies.find(lesson, this.shownFolder())
      if (path === undefined || lesson.exercises.length === 0) continue
      this.paths.set(lesson.id, path)
      if (!this.notebooks.at(path)) await this.read(path)
      this.changed.emit()
    }
  }

  private solvedIn(path = ""): Solved {
    const open = this.notebooks.at(path)
    if (open) return (exercise) => open.solved(exercise)
    const read = this.readings.get(path)
    return (exercise) => read?.(exercise) || this.before.solved(exercise)
  }

  private async read(path: string): Promise<void> {
    const file = await this.contents.get(path, { content: true, type: "notebook" }).catch(() => undefined)
    const { attempts } = readKept(file?.content?.metadata?.[KEY])
    this.readings.set(path, (exercise) => (attempts.get(exercise)?.right ?? 0) > 0)
  }

  /** An open notebook may be the copy of a lesson: by its name, or by answers in it. */
  private async noticed(path: string): Promise<void> {
    const open = this.notebooks.at(path)
    for (const lesson of open ? this.lessons.all : []) {
      const hasAnswers = lesson.exercises.some((exercise) => open?.hasAnswer(exercise))
      await this.copies.opened(path, lesson, hasAnswers)
      const working = this.copies.lastOf(lesson) ?? (nameOf(path) === lesson.notebook ? path : undefined)
      if (working !== undefined) this.paths.set(lesson.id, working)
    }
    this.changed.emit()
  }

  private readonly paths = new Map<string, string>()
  private readonly readings = new Map<string, Solved>()
}
