import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application"
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser"
import { courseIcon } from "../course/icon"
import { ILessons } from "../course/lessons"
import { openLesson } from "../course/open"
import { CoursePanel } from "../course/panel"
import { IProgress } from "../course/progress"

/** Puts the course panel into the left sidebar. */
export const coursePlugin: JupyterFrontEndPlugin<void> = {
  id: "ringlab-lessons:course",
  description: "Lists the lessons in the sidebar and opens them.",
  autoStart: true,
  requires: [ILessons, IProgress],
  optional: [IDefaultFileBrowser, ILayoutRestorer],
  activate: addPanel,
}

function addPanel(
  app: JupyterFrontEnd,
  lessons: ILessons,
  progress: IProgress,
  browser: IDefaultFileBrowser | null,
  restorer: ILayoutRestorer | null,
): void {
  const { contents } = app.serviceManager
  const open = (path: string) => app.commands.execute("docmanager:open", { path })
  const panel = new CoursePanel(lessons, progress, (lesson) =>
    openLesson(lesson, browser?.model.path ?? "", contents, open),
  )
  panel.title.icon = courseIcon
  panel.title.caption = "Course"
  restorer?.add(panel, panel.id)
  app.shell.add(panel, "left", { rank: 150 })
}
