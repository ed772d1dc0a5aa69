/** Which file a student works on a lesson in: the lesson's own, or a duplicate of it. */
import type { Contents } from "@jupyterlab/services"
import type { IStateDB } from "@jupyterlab/statedb"
import type { Lesson } from "./lessons"
import { candidates } from "./open"

const KEY = "ringlab-lessons:copies"

/** JupyterLab calls a duplicate "02-rings-Copy1.ipynb"; whoever renames one mostly adds to the name. */
export function isCopyName(name: string, { notebook }: Lesson): boolean {
  const stem = notebook.replace(/\.ipynb$/, "")
  return name !== notebook && name.startsWith(stem) && /^[^0-9a-z].*\.ipynb$/i.test(name.slice(stem.length))
}

/** The name of a file. */
export const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1)

export class Copies {
  readonly ready: Promise<void>

  /** @param state remembers the last copy; another browser finds it by the files */
  constructor(
    private readonly state: IStateDB | null,
    private readonly contents: Pick<Contents.IManager, "get">,
  ) {
    this.ready = Promise.resolve(state?.fetch(KEY)).then((kept) => {
      if (typeof kept !== "object" || kept === null) return
      for (const [id, path] of Object.entries(kept))
        if (typeof path === "string" && !this.paths.has(id)) this.paths.set(id, path)
    })
  }

  /** Note that a notebook is open. The lesson's own file takes a copy's place only if there are answers in it. */
  async opened(path: string, lesson: Lesson, hasAnswers: boolean): Promise<void> {
    await this.ready
    if (!(hasAnswers || isCopyName(nameOf(path), lesson)) || this.paths.get(lesson.id) === path) return
    this.paths.set(lesson.id, path)
    void this.state?.save(KEY, Object.fromEntries(this.paths))
  }

  /** The copy that was opened last, as far as is known. */
  lastOf({ id }: Lesson): string | undefined {
    return this.paths.get(id)
  }

  /** Where to work on a lesson: the copy that was opened last, or the newest one, or the lesson as it came. */
  async find(lesson: Lesson, shownFolder: string): Promise<string | undefined> {
    await this.ready
    const known = this.paths.get(lesson.id)
    if (known !== undefined && (await this.exists(known))) return known
    const own = candidates(lesson.notebook, shownFolder)
    const copies = await Promise.all(own.map((path) => this.copiesBeside(path, lesson)))
    const [newest] = copies.flat().sort((a, b) => Date.parse(b.last_modified) - Date.parse(a.last_modified))
    if (newest) return newest.path
    for (const path of own) if (await this.exists(path)) return path
    return undefined
  }

  private async copiesBeside(path: string, lesson: Lesson): Promise<Contents.IModel[]> {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")))
    const { content } = (await this.contents.get(folder).catch(() => undefined)) ?? {}
    const files: Contents.IModel[] = Array.isArray(content) ? content : []
    return files.filter(({ name }) => isCopyName(name, lesson))
  }

  private exists(path: string): Promise<boolean> {
    return this.contents.get(path, { content: false }).then(
      () => true,
      () => false,
    )
  }

  private readonly paths = new Map<string, string>()
}
