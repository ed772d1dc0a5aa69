import type { JupyterFrontEndPlugin } from "@jupyterlab/application"
import { ILessons, type Lesson } from "../course/lessons"

/** The lessons that come with ringlab; each is a plugin of its own, so that each can be switched off. */
export const LESSONS: readonly Lesson[] = [
  { id: "welcome", title: "Welcome", notebook: "00-welcome.ipynb", rank: 0, exercises: [] },
  {
    id: "rings",
    title: "Rings",
    notebook: "02-rings.ipynb",
    rank: 20,
    exercises: named("rings", "cpl", "privileged", "iopl", "popf", "ports", "segments", "find-out"),
  },
  {
    id: "traps",
    title: "Traps",
    notebook: "03-traps.ipynb",
    rank: 30,
    exercises: named(
      "traps",
      "saved-eip",
      "frame",
      "gate",
      "order-of-checks",
      "interrupt-flag",
      "device",
      "double-fault",
    ),
  },
  {
    id: "trap-and-emulate",
    title: "Trap and emulate",
    notebook: "04-trap-and-emulate.ipynb",
    rank: 40,
    exercises: named(
      "trap-and-emulate",
      "owed",
      "you-are-the-monitor",
      "exits",
      "ring",
      "lanes",
      "registers",
      "told",
      "interrupt",
      "count",
    ),
  },
  {
    id: "popek-goldberg",
    title: "Popek and Goldberg",
    notebook: "05-popek-goldberg.ipynb",
    rank: 50,
    exercises: named("popek-goldberg", "classify", "witness", "umip", "repair", "theorems", "red-pill"),
  },
]

function named(lesson: string, ...exercises: readonly string[]): string[] {
  return exercises.map((exercise) => `${lesson}/${exercise}`)
}

function lessonPlugin(lesson: Lesson): JupyterFrontEndPlugin<void> {
  return {
    id: `ringlab-lessons:lesson-${lesson.id}`,
    description: `The lesson “${lesson.title}”.`,
    autoStart: true,
    requires: [ILessons],
    activate: (_app, lessons: ILessons) => lessons.add(lesson),
  }
}

export const builtInLessons: readonly JupyterFrontEndPlugin<void>[] = LESSONS.map(lessonPlugin)
