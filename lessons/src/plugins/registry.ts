import type { JupyterFrontEndPlugin } from "@jupyterlab/application"
import { ILessons, Lessons } from "../course/lessons"

/** Provides the list of lessons. */
export const lessonsPlugin: JupyterFrontEndPlugin<ILessons> = {
  id: "ringlab-lessons:lessons",
  description: "The list of lessons.",
  autoStart: true,
  provides: ILessons,
  activate: () => new Lessons(),
}
