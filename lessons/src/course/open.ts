/** Finding and opening a lesson's notebook. */
import type { Contents } from "@jupyterlab/services"
import type { Lesson } from "./lessons"

/** Where a file may be: the project's folder of notebooks, then the folder that the file browser shows. */
export function candidates(notebook: string, shownFolder: string): string[] {
  const beside = shownFolder === "" ? notebook : `${shownFolder}/${notebook}`
  return [...new Set([`notebooks/${notebook}`, beside])]
}

/**
 * Open a lesson's notebook at the first place where it is.
 * @returns an empty text, or a sentence that says what was looked for where
 */
export async function openLesson(
  lesson: Lesson,
  shownFolder: string,
  contents: Pick<Contents.IManager, "get">,
  open: (path: string) => Promise<unknown>,
): Promise<string> {
  for (const path of candidates(lesson.notebook, shownFolder)) {
    if (!(await exists(path, contents))) continue
    await open(path)
    return ""
  }
  return `${lesson.notebook} is neither in “notebooks” nor in the folder that the file browser shows. Open its folder there and try again.`
}

async function exists(path: string, contents: Pick<Contents.IManager, "get">): Promise<boolean> {
  try {
    await contents.get(path, { content: false })
    return true
  } catch {
    return false
  }
}
