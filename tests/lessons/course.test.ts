import { describe, expect, test } from "vitest"
import { Lessons } from "../../lessons/src/course/lessons"
import { candidates, openLesson } from "../../lessons/src/course/open"
import { Progress } from "../../lessons/src/course/progress"
import { LESSONS } from "../../lessons/src/plugins/lessons"
import { EXERCISES } from "../../src/exercises/catalogue"

const lesson = { id: "traps", title: "Traps", notebook: "03-traps.ipynb", rank: 30, exercises: [] }

describe("the list of lessons", () => {
  test("is in order of rank, however they were added", () => {
    const lessons = new Lessons()
    lessons.add(lesson)
    lessons.add({ ...lesson, id: "rings", rank: 20 })
    expect(lessons.all.map(({ id }) => id)).toEqual(["rings", "traps"])
  })

  test("refuses a second lesson of the same id", () => {
    const lessons = new Lessons()
    lessons.add(lesson)
    expect(() => lessons.add(lesson)).toThrow("There is already a lesson with the id “traps”.")
  })
})

test("the built-in lessons count every exercise that there is, each in its own lesson", () => {
  const named = LESSONS.flatMap(({ id, exercises }) => exercises.filter((name) => name.startsWith(`${id}/`)))
  expect(named.sort()).toEqual(EXERCISES.map(({ name }) => name).sort())
})

describe("opening a lesson", () => {
  /** A server that has these files. */
  function server(...files: string[]) {
    const opened: string[] = []
    const get = async (path: string) => {
      if (!files.includes(path)) throw new Error("404")
      return {} as never
    }
    return { opened, open: async (path: string) => opened.push(path), contents: { get } }
  }

  test("looks into notebooks, then into the folder shown", () => {
    expect(candidates("a.ipynb", "week1")).toEqual(["notebooks/a.ipynb", "week1/a.ipynb"])
    expect(candidates("a.ipynb", "")).toEqual(["notebooks/a.ipynb", "a.ipynb"])
    expect(candidates("a.ipynb", "notebooks")).toEqual(["notebooks/a.ipynb"])
  })

  test("opens the first that is there", async () => {
    const { opened, open, contents } = server("week1/03-traps.ipynb")
    expect(await openLesson(lesson, "week1", contents, open)).toBe("")
    expect(opened).toEqual(["week1/03-traps.ipynb"])
  })

  test("says what was looked for where if it is nowhere", async () => {
    const { opened, open, contents } = server()
    expect(await openLesson(lesson, "week1", contents, open)).toMatch(
      /^03-traps\.ipynb is neither in “notebooks” nor/,
    )
    expect(opened).toEqual([])
  })
})

describe("progress", () => {
  /** JupyterLab's state, in memory. */
  function stateWith(kept: unknown) {
    const saved: unknown[] = []
    const state = { fetch: async () => kept, save: async (_: string, value: unknown) => saved.push(value) }
    return { saved, state: state as never }
  }

  test("counts right and wrong answers and saves them", async () => {
    const { saved, state } = stateWith(undefined)
    const progress = new Progress(state)
    progress.record("traps/gate", false)
    progress.record("traps/gate", true)
    expect(progress.solved("traps/gate")).toBe(true)
    expect(saved.at(-1)).toEqual({ "traps/gate": [1, 1] })
  })

  test("keeps the answer that was left at each place, and its seed", async () => {
    const { saved, state } = stateWith(undefined)
    const progress = new Progress(state)
    progress.keepDraft("traps/gate 8", { seed: 8, answer: "2" })
    progress.keepDraft("traps/gate 8", { seed: 9, answer: "3" })
    const later = new Progress(stateWith(saved.at(-1)).state)
    await later.ready
    expect(later.draft("traps/gate 8")).toEqual({ seed: 9, answer: "3" })
    expect(later.draft("traps/gate 9")).toBeUndefined()
  })

  test("is there again after a restart, and nothing solved meanwhile is lost", async () => {
    const { state } = stateWith({ "traps/gate": [1, 2], broken: ["1", 0], odd: "x" })
    const progress = new Progress(state)
    progress.record("traps/gate", true)
    await progress.ready
    expect(progress.attempts("traps/gate")).toEqual({ right: 2, wrong: 2 })
    expect(progress.attempts("broken")).toEqual({ right: 0, wrong: 0 })
    expect(progress.solved("odd")).toBe(false)
  })
})
