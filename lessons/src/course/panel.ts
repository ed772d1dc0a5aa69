/** The course panel in the sidebar: the lessons in order, how far each is done, a press opens one. */
import type { Message } from "@lumino/messaging"
import { Widget } from "@lumino/widgets"
import { h } from "../dom"
import type { Done } from "./done"
import type { ILessons, Lesson } from "./lessons"

export class CoursePanel extends Widget {
  /** `open` opens a lesson and gives a sentence if it could not. */
  constructor(
    private readonly lessons: ILessons,
    private readonly done: Pick<Done, "changed" | "fileOf" | "solvedOf" | "refresh">,
    private readonly open: (lesson: Lesson) => Promise<string>,
  ) {
    super()
    this.id = "ringlab-course"
    this.addClass("rl-course")
    this.node.setAttribute("role", "region")
    this.node.setAttribute("aria-label", "Course: the lessons of ringlab")
    this.node.append(h("h2", {}, "Course"), this.list, this.notice)
    lessons.changed.connect(this.update, this)
    done.changed.connect(this.update, this)
  }

  override dispose(): void {
    this.lessons.changed.disconnect(this.update, this)
    this.done.changed.disconnect(this.update, this)
    super.dispose()
  }

  protected override onAfterAttach(_: Message): void {
    this.update()
    if (this.isVisible) void this.done.refresh()
  }

  /** Files are read when somebody looks. */
  protected override onAfterShow(_: Message): void {
    void this.done.refresh()
  }

  protected override onUpdateRequest(_: Message): void {
    this.list.replaceChildren(...this.lessons.all.map((lesson) => this.buildItem(lesson)))
  }

  private buildItem(lesson: Lesson): HTMLElement {
    const { exercises } = lesson
    const done = this.done.solvedOf(lesson)
    const title = h("span", { class: "rl-lesson-title" }, lesson.title)
    const item = h(
      "button",
      { type: "button", class: "rl-lesson", "data-lesson": lesson.id, title: this.done.fileOf(lesson) },
      title,
      ...progressParts(done, exercises.length),
    )
    item.addEventListener("click", () => void this.openLesson(lesson))
    return h("li", {}, item)
  }

  private async openLesson(lesson: Lesson): Promise<void> {
    this.notice.textContent = ""
    this.notice.textContent = await this.open(lesson)
  }

  private readonly list = h("ol", { class: "rl-lessons" })
  private readonly notice = h("p", { class: "rl-notice", role: "status" })
}

function progressParts(done: number, all: number): HTMLElement[] {
  if (all === 0) return []
  const words = done === all ? `✓ all ${all} exercises solved` : `${done} of ${all} exercises solved`
  const bar = h(
    "span",
    { class: "rl-bar", "aria-hidden": "true" },
    h("span", { style: `width:${(100 * done) / all}%` }),
  )
  return [h("span", { class: "rl-quiet" }, words), bar]
}
