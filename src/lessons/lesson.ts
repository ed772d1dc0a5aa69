/**
 * Exercises and experiments by lesson: a browser's worker loads a lesson when something of it is asked for, so that whoever
 * looks at a recording loads none. Cells use the catalogues of exercises and experiments, which need not be waited for.
 */
import type { Exercise } from "../exercises/exercise"
import type { Experiment } from "../experiments/experiment"

/** What a lesson offers. */
export interface Lesson {
  readonly exercises: readonly Exercise[]
  readonly experiments: readonly Experiment[]
}

/** Loaders, by what stands before the slash in the names of exercises and experiments. */
export type Lessons = Readonly<Record<string, () => Promise<Lesson>>>

/**
 * Load the lesson that a name belongs to: "rings" for "rings/iopl".
 * @throws RangeError naming the lessons there are; Error if it cannot be loaded, and the next call tries again
 */
export async function lessonOf(name: string, lessons: Lessons): Promise<Lesson> {
  const [lesson] = name.split("/")
  if (!Object.hasOwn(lessons, lesson))
    throw new RangeError(`there is no lesson "${lesson}"; there are: ${Object.keys(lessons).join(", ")}`)
  try {
    return await lessons[lesson]()
  } catch (cause) {
    throw new Error(
      `the lesson "${lesson}" could not be loaded; see whether JupyterLab still runs and try again, or reload the page`,
      { cause },
    )
  }
}
