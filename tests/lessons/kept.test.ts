/** What a notebook keeps of its student, in its metadata. */
import { Signal } from "@lumino/signaling"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { isNewer, readKept, writeKept } from "../../lessons/src/course/kept"
import { NotebookProgress, type OpenNotebook } from "../../lessons/src/course/notebook"
import { Notebooks } from "../../lessons/src/course/notebooks"
import { Progress } from "../../lessons/src/course/progress"

const PLACE = "rings/iopl 3"

/** A notebook with this metadata under our key, and what was written there. */
function notebook(kept?: unknown, { writable = true, graded = false } = {}) {
  const metadata = new Map<string, unknown>(kept === undefined ? [] : [["ringlab", kept]])
  const metadataChanged = new Signal<object, { key: string }>({})
  const written: unknown[] = []
  const state = { saved: 0 }
  const cell = { getMetadata: (key: string) => (graded && key === "nbgrader" ? {} : undefined) }
  const open: OpenNotebook = {
    path: "notebooks/02-rings.ipynb",
    isDisposed: false,
    disposed: new Signal<object, void>({}),
    pathChanged: new Signal<object, string>({}),
    ready: Promise.resolve(),
    contentsModel: { writable },
    async save() {
      state.saved += 1
    },
    model: {
      readOnly: false,
      cells: [cell],
      getMetadata: (key) => metadata.get(key),
      setMetadata(key, value) {
        metadata.set(key, value)
        written.push(structuredClone(value))
        metadataChanged.emit({ key })
      },
      metadataChanged,
    },
  }
  return { open, written, metadata, state }
}

/** JupyterLab's state with what 0.1.0 kept in it. */
async function stateWith(counts: unknown, drafts: unknown) {
  const kept = new Map<string, unknown>([
    ["ringlab-lessons:progress", counts],
    ["ringlab-lessons:answers", drafts],
  ])
  const state = {
    fetch: async (key: string) => kept.get(key),
    save: async (k: string, v: unknown) => kept.set(k, v),
  }
  const before = new Progress(state as never)
  await before.ready
  return { kept, before }
}
const NOBODY = new Progress(null)

describe("answers in a notebook", () => {
  test("are read again by whoever opens the file", () => {
    const { open, metadata } = notebook()
    const here = new NotebookProgress(open, NOBODY)
    here.keepDraft(PLACE, { seed: 7, answer: "2", misses: 2 })
    here.record("rings/iopl", false)
    here.record("rings/iopl", true)
    const file = JSON.parse(JSON.stringify(metadata.get("ringlab")))
    expect(file).toEqual({ version: 1, answers: { [PLACE]: [7, "2", 2] }, tries: { "rings/iopl": [1, 1] } })
    const elsewhere = new NotebookProgress(notebook(file).open, NOBODY)
    expect(elsewhere.draft(PLACE)).toEqual({ seed: 7, answer: "2", misses: 2 })
    expect(elsewhere.solved("rings/iopl")).toBe(true)
    expect([elsewhere.hasAnswer("rings/iopl"), elsewhere.hasAnswer("rings/cpl")]).toEqual([true, false])
  })

  test("are not written before there are any", async () => {
    const { before } = await stateWith({ "rings/iopl": [1, 0] }, { [PLACE]: [3, "1"] })
    const { open, written } = notebook()
    const progress = new NotebookProgress(open, before)
    expect(progress.draft(PLACE)).toEqual({ seed: 3, answer: "1" })
    expect(progress.solved("rings/iopl")).toBe(true)
    expect(written).toEqual([])
  })

  test("that JupyterLab's state has are taken over once, with the first change", async () => {
    const old = { [PLACE]: [3, "1"], "traps/gate 8": [8, "x"] }
    const { kept, before } = await stateWith({ "rings/iopl": [1, 2], "traps/gate": [1, 0] }, old)
    const { open, written } = notebook()
    const progress = new NotebookProgress(open, before)
    progress.draft(PLACE)
    progress.draft("rings/cpl 5")
    progress.keepDraft("rings/cpl 5", { seed: 5, answer: "0" })
    expect(written).toEqual([
      {
        version: 1,
        answers: { [PLACE]: [3, "1"], "rings/cpl 5": [5, "0"] },
        tries: { "rings/iopl": [1, 2] },
      },
    ])
    expect(kept.get("ringlab-lessons:answers")).toEqual({ "traps/gate 8": [8, "x"] })
    expect(kept.get("ringlab-lessons:progress")).toEqual({ "traps/gate": [1, 0] })
    const copy = new NotebookProgress(notebook().open, before)
    expect([copy.draft(PLACE), copy.solved("rings/iopl")]).toEqual([undefined, false])
  })

  test.each([
    ["that may not be written", undefined, false],
    ["of a later release", { version: 2, answers: {} }, true],
  ])("of a notebook %s are kept in JupyterLab's state", async (_, metadata, writable) => {
    const { kept, before } = await stateWith(undefined, undefined)
    const { open, written } = notebook(metadata, { writable })
    const progress = new NotebookProgress(open, before)
    progress.keepDraft(PLACE, { seed: 3, answer: "1" })
    progress.record("rings/iopl", true)
    expect(written).toEqual([])
    expect(kept.get("ringlab-lessons:answers")).toEqual({ [PLACE]: [3, "1"] })
    expect(progress.solved("rings/iopl")).toBe(true)
  })

  test("are the same in two views of one notebook, and both hear of a change", () => {
    const notebooks = new Notebooks(NOBODY)
    const { open } = notebook()
    const heard: string[] = []
    notebooks.changed.connect((_, path) => void heard.push(path))
    expect(notebooks.open(open)).toBe(notebooks.open(open))
    notebooks.at(open.path)?.record("rings/iopl", true)
    expect(heard).toEqual([open.path])
    expect(notebooks.at("other.ipynb")).toBeUndefined()
  })

  test("of an assignment are graded, and others are not", () => {
    const graded = [true, false].map(
      (graded) => new NotebookProgress(notebook(undefined, { graded }).open, NOBODY),
    )
    expect(graded.map(({ isGraded }) => isGraded)).toEqual([true, false])
  })
})

describe("predictions in a notebook", () => {
  const open = { guess: "It clears IF", settled: false }
  const settled = { guess: "3", settled: true }

  test("are read again by whoever opens the file, and lie beside the answers", () => {
    const { open: file, metadata } = notebook({ version: 1, answers: { [PLACE]: [3, "1"] }, tries: {} })
    const here = new NotebookProgress(file, NOBODY)
    here.predict(
      new Map([
        ["popf", open],
        ["visits 2", settled],
      ]),
    )
    const kept = JSON.parse(JSON.stringify(metadata.get("ringlab")))
    expect(kept).toEqual({
      version: 1,
      answers: { [PLACE]: [3, "1"] },
      tries: {},
      predictions: { popf: ["It clears IF"], "visits 2": ["3", 1] },
    })
    const elsewhere = new NotebookProgress(notebook(kept).open, NOBODY)
    expect([elsewhere.prediction("popf"), elsewhere.prediction("visits 2")]).toEqual([open, settled])
  })

  test("are gone once they are taken back, and an answer takes none away", () => {
    const { open: file, metadata } = notebook()
    const here = new NotebookProgress(file, NOBODY)
    here.predict(
      new Map([
        ["popf", open],
        ["visits", settled],
      ]),
    )
    here.predict(new Map([["popf", undefined]]))
    here.keepDraft(PLACE, { seed: 3, answer: "1" })
    expect(metadata.get("ringlab")).toMatchObject({ predictions: { visits: ["3", 1] } })
    here.predict(new Map([["visits", undefined]]))
    expect(metadata.get("ringlab")).toEqual({ version: 1, answers: { [PLACE]: [3, "1"] }, tries: {} })
  })

  test("of a notebook that may not be written are kept until the page is reloaded", () => {
    const { open: file, written } = notebook(undefined, { writable: false })
    const here = new NotebookProgress(file, NOBODY)
    let heard = 0
    here.changed.connect(() => (heard += 1))
    here.predict(new Map([["popf", open]]))
    expect([here.prediction("popf"), heard, written]).toEqual([open, 1, []])
  })
})

describe("a notebook with a new answer in it", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const SOON = 2000

  test("is saved once the student rests, so that a reload finds the answer", async () => {
    const { open, state } = notebook()
    const progress = new NotebookProgress(open, NOBODY)
    for (const answer of ["m", "mo", "mov"]) progress.keepDraft(PLACE, { seed: 3, answer })
    expect(state.saved).toBe(0)
    await vi.advanceTimersByTimeAsync(SOON)
    expect(state.saved).toBe(1)
  })

  test("is not saved again if somebody else has saved it, or when it is closed", async () => {
    const { open, state } = notebook()
    const progress = new NotebookProgress(open, NOBODY)
    progress.record("rings/iopl", true)
    await open.save()
    await vi.advanceTimersByTimeAsync(SOON)
    expect(state.saved).toBe(1)
    progress.record("rings/iopl", true)
    Object.assign(open, { isDisposed: true })
    await vi.advanceTimersByTimeAsync(SOON)
    expect(state.saved).toBe(1)
  })

  /** A notebook that takes its time to be saved: what has begun, and an end for each. */
  function slow() {
    const { open } = notebook()
    const ends: { completed(): void; failed(why: Error): void }[] = []
    open.save = () => new Promise((completed, failed) => void ends.push({ completed, failed }))
    return { open, ends, progress: new NotebookProgress(open, NOBODY) }
  }

  test("is saved after the save that was under way when it came, and not during it", async () => {
    const { open, ends, progress } = slow()
    void open.save()
    await vi.advanceTimersByTimeAsync(0)
    progress.record("rings/iopl", true)
    await vi.advanceTimersByTimeAsync(10 * SOON)
    expect(ends).toHaveLength(1)
    ends[0].completed()
    await vi.advanceTimersByTimeAsync(0)
    expect(ends).toHaveLength(2)
  })

  test("is saved also after a save that failed, or that its reader called off", async () => {
    const { open, ends, progress } = slow()
    const refused = expect(open.save()).rejects.toThrow("ModalCancelError")
    await vi.advanceTimersByTimeAsync(0)
    ends[0].failed(new Error("ModalCancelError"))
    await refused
    progress.record("rings/iopl", true)
    await vi.advanceTimersByTimeAsync(SOON)
    expect(ends).toHaveLength(2)
  })

  test("lets a reader who saves meanwhile wait, so that JupyterLab sees no conflict between the two", async () => {
    const { open, ends, progress } = slow()
    progress.record("rings/iopl", true)
    await vi.advanceTimersByTimeAsync(SOON)
    void open.save()
    await vi.advanceTimersByTimeAsync(SOON)
    expect(ends).toHaveLength(1)
    ends[0].completed()
    await vi.advanceTimersByTimeAsync(0)
    expect(ends).toHaveLength(2)
  })
})

describe("what a stranger's notebook has in their place", () => {
  const empty = { drafts: new Map(), attempts: new Map(), predictions: new Map() }

  test.each([
    undefined,
    null,
    7,
    "x",
    [],
    {},
    { version: 1 },
    { version: 2, answers: { a: [1, "x"] } },
    { version: 1, answers: [], tries: 3 },
    {
      version: 1,
      answers: { a: 1, b: [], c: ["1", "x"], d: [1, 2], e: [-1, "x"], f: [2 ** 31, "x"], g: [1.5, ""] },
    },
    { version: 1, answers: { a: [1, "x".repeat(10_001)], ["n".repeat(201)]: [1, "x"] } },
    { version: 1, predictions: { a: "x", b: [], c: [1], d: [""], e: ["x".repeat(1001)], f: null } },
    { version: 1, tries: { a: [1], b: ["1", 0], c: [1, -1], d: [1, 0.5], e: null } },
  ])("%j is nothing", (metadata) => {
    expect(readKept(metadata)).toEqual(empty)
  })

  test("is read as far as it is sound, and never names more than it has", () => {
    const answers = Object.fromEntries([...Array(600).keys()].map((n) => [`a/${n} 1`, [1, "x", "many"]]))
    const { drafts } = readKept({ version: 1, answers, tries: { __proto__: [1, 1] } })
    expect(drafts.size).toBe(500)
    expect(drafts.get("a/0 1")).toEqual({ seed: 1, answer: "x" })
  })

  test("of a later release is not written over", () => {
    expect([{ version: 2 }, { version: 1 }, undefined, { version: "2" }].map(isNewer)).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  test("is never written longer than it is read", () => {
    const drafts = new Map([["a 1", { seed: 1, answer: "x".repeat(10_001) }]])
    expect(writeKept({ drafts, attempts: new Map(), predictions: new Map() })).toEqual({
      version: 1,
      answers: {},
      tries: {},
    })
  })
})
