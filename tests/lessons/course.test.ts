import { describe, expect, test } from "vitest"
import { Copies } from "../../lessons/src/course/copies"
import { Done } from "../../lessons/src/course/done"
import { Lessons } from "../../lessons/src/course/lessons"
import { Notebooks } from "../../lessons/src/course/notebooks"
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
  interface File {
    readonly path: string
    readonly last_modified: string
  }
  const file = (path: string, day = 1): File => ({ path, last_modified: `2026-01-0${day}T12:00:00Z` })

  /** A server that has these files. */
  function server(...files: readonly File[]) {
    const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf("/")))
    const get = async (path: string) => {
      const content = files
        .filter((each) => folderOf(each.path) === path)
        .map((each) => ({ ...each, name: each.path.slice(each.path.lastIndexOf("/") + 1) }))
      const found = files.find((each) => each.path === path) ?? (content.length > 0 ? { content } : undefined)
      if (!found) throw new Error("404")
      return found as never
    }
    return { get }
  }

  /** JupyterLab's state. */
  function stateWith(kept?: unknown) {
    const saved: unknown[] = []
    return {
      saved,
      state: {
        fetch: async () => kept,
        save: async (_: string, value: unknown) => saved.push(value),
      } as never,
    }
  }
  const find = (files: readonly File[], folder = "", kept?: unknown) =>
    new Copies(stateWith(kept).state, server(...files)).find(lesson, folder)

  test("looks into notebooks, then into the folder shown", () => {
    expect(candidates("a.ipynb", "week1")).toEqual(["notebooks/a.ipynb", "week1/a.ipynb"])
    expect(candidates("a.ipynb", "")).toEqual(["notebooks/a.ipynb", "a.ipynb"])
    expect(candidates("a.ipynb", "notebooks")).toEqual(["notebooks/a.ipynb"])
  })

  test("opens the first that is there, if there is no copy", async () => {
    expect(await find([file("week1/03-traps.ipynb")], "week1")).toBe("week1/03-traps.ipynb")
    const both = [file("notebooks/03-traps.ipynb"), file("week1/03-traps.ipynb", 2)]
    expect(await find(both, "week1")).toBe("notebooks/03-traps.ipynb")
  })

  test("opens the newest copy, and not the lesson as it came", async () => {
    const files = [
      file("notebooks/03-traps.ipynb", 9),
      file("notebooks/03-traps-Copy1.ipynb", 2),
      file("notebooks/03-traps-mine.ipynb", 3),
      file("notebooks/03-trapsters.ipynb", 5),
      file("notebooks/02-rings-Copy1.ipynb", 4),
    ]
    expect(await find(files)).toBe("notebooks/03-traps-mine.ipynb")
  })

  test("opens the copy that was opened last, as long as it is there", async () => {
    const files = [file("a/my traps.ipynb"), file("notebooks/03-traps-Copy1.ipynb", 2)]
    expect(await find(files, "", { traps: "a/my traps.ipynb" })).toBe("a/my traps.ipynb")
    expect(await find(files, "", { traps: "gone.ipynb" })).toBe("notebooks/03-traps-Copy1.ipynb")
  })

  test("takes a file for a copy by its name or by answers in it, and remembers it", async () => {
    const { saved, state } = stateWith({ rings: "r.ipynb" })
    const copies = new Copies(state, server())
    await copies.opened("notebooks/03-traps.ipynb", lesson, false)
    expect(copies.lastOf(lesson)).toBeUndefined()
    await copies.opened("notebooks/03-traps-Copy2.ipynb", lesson, false)
    await copies.opened("notebooks/03-traps.ipynb", lesson, false)
    expect(copies.lastOf(lesson)).toBe("notebooks/03-traps-Copy2.ipynb")
    await copies.opened("notebooks/03-traps.ipynb", lesson, true)
    expect(saved.at(-1)).toEqual({ rings: "r.ipynb", traps: "notebooks/03-traps.ipynb" })
  })

  test("says what was looked for where if it is nowhere", async () => {
    const opened: string[] = []
    const open = async (path: string) => opened.push(path)
    expect(await openLesson(lesson, async () => undefined, open)).toMatch(
      /^03-traps\.ipynb is neither in “notebooks” nor/,
    )
    expect(opened).toEqual([])
    expect(await openLesson(lesson, async () => "a.ipynb", open)).toBe("")
    expect(opened).toEqual(["a.ipynb"])
  })
})

describe("how far a lesson is", () => {
  const traps = { ...lesson, exercises: ["traps/gate", "traps/frame"] }
  const COPY = "notebooks/03-traps-Copy1.ipynb"

  /** A server with a copy in which an exercise is solved. */
  function solvedInCopy() {
    const ringlab = { version: 1, answers: {}, tries: { "traps/gate": [1, 0] } }
    const read: string[] = []
    const get = async (path: string, options?: { content?: boolean }) => {
      if (path === "notebooks")
        return { content: [{ path: COPY, name: "03-traps-Copy1.ipynb", last_modified: "" }] } as never
      if (path !== COPY) throw new Error("404")
      if (options?.content) read.push(path)
      return { content: { metadata: { ringlab } } } as never
    }
    const lessons = new Lessons()
    lessons.add(traps)
    const before = new Progress(null)
    const contents = { get }
    const done = new Done(
      lessons,
      new Notebooks(before),
      new Copies(null, contents),
      before,
      contents,
      () => "",
    )
    return { done, before, read }
  }

  test("is read from the copy that its student works in, when somebody looks", async () => {
    const { done, read } = solvedInCopy()
    expect([done.solvedOf(traps), read]).toEqual([0, []])
    await done.refresh()
    expect([done.solvedOf(traps), read]).toEqual([1, [COPY]])
  })

  test("counts what was solved before notebooks kept it", async () => {
    const { done, before } = solvedInCopy()
    before.record("traps/frame", true)
    await done.refresh()
    expect(done.solvedOf(traps)).toBe(2)
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
