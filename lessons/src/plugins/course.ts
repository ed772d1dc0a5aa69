import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application"
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser"
import { IStateDB } from "@jupyterlab/statedb"
import { Copies } from "../course/copies"
import { Done } from "../course/done"
import { courseIcon } from "../course/icon"
import { ILessons } from "../course/lessons"
import { INotebooks } from "../course/notebooks"
import { openLesson } from "../course/open"
import { CoursePanel } from "../course/panel"
import { IProgress } from "../course/progress"

/** Puts the course panel into the left sidebar. */
export const coursePlugin: JupyterFrontEndPlugin<void> = {
  id: "ringlab-lessons:course",
  description: "Lists the lessons in the sidebar and opens them.",
  autoStart: true,
  requires: [ILessons, INotebooks, IProgress],
  optional: [IStateDB, IDefaultFileBrowser, ILayoutRestorer],
  activate: addPanel,
}

function addPanel(
  app: JupyterFrontEnd,
  lessons: ILessons,
  notebooks: INotebooks,
  progress: IProgress,
  state: IStateDB | null,
  browser: IDefaultFileBrowser | null,
  restorer: ILayoutRestorer | null,
): void {
  const { contents } = app.serviceManager
  const shownFolder = () => browser?.model.path ?? ""
  const copies = new Copies(state, contents)
  const done = new Done(lessons, notebooks, copies, progress, contents, shownFolder)
  const open = (path: string) => app.commands.execute("docmanager:open", { path })
  const panel = new CoursePanel(lessons, done, (lesson) =>
    openLesson(lesson, () => copies.find(lesson, shownFolder()), open),
  )
  panel.title.icon = courseIcon
  panel.title.caption = "Course"
  restorer?.add(panel, panel.id)
  app.shell.add(panel, "left", { rank: 150 })
}
