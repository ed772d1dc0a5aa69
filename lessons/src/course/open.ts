/** Finding and opening a lesson's notebook. */
import type { Lesson } from "./lessons"

/** Where a file may be: the project's folder of notebooks, then the folder that the file browser shows. */
export function candidates(notebook: string, shownFolder: string): string[] {
  const beside = shownFolder === "" ? notebook : `${shownFolder}/${notebook}`
  return [...new Set([`notebooks/${notebook}`, beside])]
}

/**
 * Open the file that a lesson is worked on in.
 * @param find where that is
 * @returns an empty text, or a sentence that says what was looked for where
 */
export async function openLesson(
  lesson: Lesson,
  find: (lesson: Lesson) => Promise<string | undefined>,
  open: (path: string) => Promise<unknown>,
): Promise<string> {
  const path = await find(lesson)
  if (path === undefined)
    return `${lesson.notebook} is neither in “notebooks” nor in the folder that the file browser shows. Open its folder there and try again.`
  await open(path)
  return ""
}
