/** The extension: a list of plugins, each with one idea. */
import { coursePlugin } from "./plugins/course"
import { explorePlugin } from "./plugins/explore"
import { builtInLessons } from "./plugins/lessons"
import { outputPlugin } from "./plugins/output"
import { plotlyPlugin } from "./plugins/plotly"
import { predictPlugin } from "./plugins/predict"
import { notebooksPlugin, progressPlugin } from "./plugins/progress"
import { lessonsPlugin } from "./plugins/registry"

export { ILessons, type Lesson } from "./course/lessons"
export { IProgress } from "./course/progress"

export default [
  progressPlugin,
  notebooksPlugin,
  lessonsPlugin,
  ...builtInLessons,
  coursePlugin,
  outputPlugin,
  explorePlugin,
  predictPlugin,
  plotlyPlugin,
]
