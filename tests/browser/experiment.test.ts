/** What an experiment needs of the worker's files, and what a reader sees of one that takes long. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Locator, Page } from "playwright-core"
import { type Answer, asm, exercise, explore, pc, type Request, record } from "ringlab"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { borrowLab } from "./borrow"
import { changeTheme, type Lab, openNotebook, openPage, runAll, screenshot } from "./lab"
import { recordingOn, seriousFindings, stepWhere, watchScripts } from "./outputs"
import { bundleOf, notebookWith, openWithoutKernel } from "./saved"

const NOTEBOOK = "notebooks/experiment.ipynb"
const EXERCISE = "notebooks/exercise.ipynb"
const RECORDING = "notebooks/recording.ipynb"
const long = record(pc().load(asm`again: jmp again`), { steps: 1000, title: "Long" })
const RESULT = explore("rings/iopl").result.sentence.replaceAll("`", "")

let lab: Lab
beforeAll(async () => {
  lab = await borrowLab({ baseUrl: "/user/x/" })
  writeFileSync(join(lab.root, NOTEBOOK), notebookWith(bundleOf(explore("rings/iopl"))))
  writeFileSync(join(lab.root, RECORDING), notebookWith(bundleOf(long)))
  writeFileSync(join(lab.root, EXERCISE), notebookWith(bundleOf(exercise("popek-goldberg/umip", 8))))
})
afterAll(() => lab?.stop())

const experimentOn = (page: Page) => page.locator(".rl-output").filter({ has: page.locator(".rl-sentence") })

describe("the worker's files, under a base URL", () => {
  test("00-welcome, run and stepped, loads no lesson", async () => {
    const page = await openPage(lab)
    const { scripts, workers } = watchScripts(page)
    await openNotebook(page, "notebooks/00-welcome.ipynb")
    await runAll(page)
    const recording = recordingOn(page)
    await recording.getByRole("button", { name: "Start" }).click()
    await stepWhere(recording, (step) => step === 0)
    expect(workers.length).toBe(1)
    expect(scripts.get(workers[0]), "the worker's own file").toBeGreaterThan(100_000)
    expect([...scripts.keys()].filter((file) => file.startsWith("lesson-"))).toEqual([])
    await page.context().close()
  })

  test("an experiment loads its lesson; if that fails it says so, and the next try loads it", async () => {
    const page = await openPage(lab)
    const { scripts } = watchScripts(page)
    const lesson = /\/lesson-rings\./
    await page.context().route(lesson, (route) => route.abort())
    await openWithoutKernel(page, NOTEBOOK)
    const experiment = experimentOn(page)
    await experiment.getByText('the lesson "rings" could not be loaded').waitFor()
    expect([...scripts.keys()].filter((file) => lesson.test(`/${file}`))).toEqual([])
    await page.context().unroute(lesson)
    await experiment.getByRole("button", { name: "Try again" }).click()
    await experiment.getByText(RESULT).waitFor()
    const loaded = [...scripts.keys()].filter((file) => file.startsWith("lesson-"))
    expect(loaded.map((file) => file.split(".")[0])).toEqual(["lesson-rings"])
    await page.context().close()
  })
})

/** In the page: a worker in whose place the test answers. */
interface ByHand {
  readonly asked: Request[]
  answer(answer: Answer): void
}
declare const byHand: ByHand

/** Put it in the place of our workers, before the page's own scripts run. */
function replaceWorkers(): void {
  class Worker {
    onmessage: ((event: { data: Answer }) => void) | null = null
    constructor() {
      Object.assign(globalThis, { byHand: this })
    }
    readonly asked: Request[] = []
    postMessage(request: Request): void {
      this.asked.push(request)
    }
    answer(data: Answer): void {
      this.onmessage?.({ data })
    }
    terminate(): void {}
  }
  Object.assign(globalThis, { Worker })
}

/** Pixels from the top of the window. */
async function middleOf(part: Locator): Promise<number> {
  const { y, height } = (await part.boundingBox()) ?? { y: Number.NaN, height: 0 }
  return y + height / 2
}

describe("what takes long, an experiment unless said otherwise,", () => {
  let page: Page
  const asked = () => page.evaluate(() => byHand.asked.map(({ id, do: what }) => `${what} ${id}`))
  const answer = (answer: Answer) => page.evaluate((answer) => byHand.answer(answer), answer)
  const experiment = () => page.getByRole("group", { name: "Experiment: Slow" })
  const bar = () => experiment().getByRole("progressbar", { name: "Computed" })
  const x = { kind: "range", label: "Steps", unit: "", min: 0, max: 9, step: 1, value: 1 } as const

  beforeAll(async () => {
    page = await openPage(lab, {}, (page) => page.addInitScript(replaceWorkers))
    await openWithoutKernel(page, NOTEBOOK)
  })

  test("shows how far it is, in both themes, without a serious accessibility issue", async () => {
    await expect.poll(() => asked().catch(() => [])).toEqual(["describe 1"])
    const described = { name: "made-up/slow", title: "Slow", about: "Takes long.", parameters: { x } }
    await answer({ id: 1, is: "described", experiment: described })
    await expect.poll(asked).toEqual(["describe 1", "experiment 2"])
    await answer({ id: 2, is: "progress", done: 40, of: 100 })
    await bar().waitFor()
    expect(await bar().getAttribute("aria-valuenow")).toBe("40")
    const beside = experiment().getByText("Getting the experiment ready …")
    expect(Math.abs((await middleOf(bar())) - (await middleOf(beside)))).toBeLessThan(3)
    for (const theme of ["dark", "light"] as const) {
      await changeTheme(page, theme)
      expect(await seriousFindings(experiment()), theme).toEqual([])
      await screenshot(page, `experiment-progress-${theme}`)
    }
  })

  test("shows in both fields of a number what counts, whatever is typed", async () => {
    const [slider, field] = [experiment().getByRole("slider"), experiment().getByRole("spinbutton")]
    for (const [typed, counts] of Object.entries({ "1.5": "2", "99": "9", "-3": "0", "2.4": "2", "": "1" })) {
      await field.fill(typed)
      await field.press("Enter")
      expect([typed, await field.inputValue(), await slider.inputValue()]).toEqual([typed, counts, counts])
    }
  })

  test("is cancelled by a newer value, which is asked for when the worker says so", async () => {
    await experiment().getByRole("slider").press("ArrowRight")
    expect((await asked()).slice(2)).toEqual(["cancel 2"])
    await answer({ id: 2, is: "cancelled" })
    await expect.poll(asked).toHaveLength(4)
    expect(await page.evaluate(() => byHand.asked[3])).toMatchObject({ id: 3, values: { x: 2 } })
    expect(await bar().count()).toBe(0)
  })

  test("is cancelled by Escape, and the focus stays where it is", async () => {
    await answer({ id: 3, is: "progress", done: 1, of: 2 })
    await bar().waitFor()
    await page.keyboard.press("Escape")
    await experiment().getByText("Cancelled: nothing was computed with these values.").waitFor()
    expect((await asked()).at(-1)).toBe("cancel 3")
    expect(await bar().count()).toBe(0)
    expect(await page.evaluate(() => document.activeElement?.getAttribute("type"))).toBe("range")
    await answer({ id: 3, is: "cancelled" })
    expect(await seriousFindings(experiment())).toEqual([])
    await screenshot(page, "experiment-cancelled")
  })

  test("is tried again, cancelled with its button, and the focus goes to what comes in its place", async () => {
    const again = experiment().getByRole("button", { name: "Try again" })
    await again.click()
    await expect.poll(async () => (await asked()).at(-1)).toBe("experiment 4")
    await answer({ id: 4, is: "progress", done: 1, of: 2 })
    await experiment().getByRole("button", { name: "Cancel" }).focus()
    await page.keyboard.press("Enter")
    await again.waitFor()
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Try again")
    await answer({ id: 4, is: "cancelled" })
    await page.keyboard.press("Enter")
    await expect.poll(async () => (await asked()).at(-1)).toBe("experiment 5")
    await answer({ id: 5, is: "result", result: { sentence: "It is done." } })
    await experiment().getByText("It is done.").waitFor()
    expect(await again.count()).toBe(0)
  })

  test("that is an exercise says what is coming until there is a question, or why there is none", async () => {
    await openWithoutKernel(page, EXERCISE)
    const frame = page.locator(".rl-exercise")
    const coming = frame.getByText("Getting the exercise ready …")
    await coming.waitFor()
    await screenshot(page, "exercise-coming")
    await expect.poll(async () => (await asked()).at(-1)).toBe("ask 6")
    await answer({ id: 6, is: "sorry", sentence: "There is no such exercise." })
    await frame.getByText("There is no such exercise.").waitFor()
    expect(await coming.count()).toBe(0)
    await frame.getByRole("button", { name: "Check" }).click()
    await coming.waitFor()
    const question = {
      exercise: "x",
      seed: 8,
      text: "What is two?",
      form: { kind: "number", unit: "" },
    } as const
    await expect.poll(async () => (await asked()).at(-1)).toBe("ask 7")
    await answer({ id: 7, is: "question", title: "Two", question })
    await frame.getByText("What is two?").waitFor()
    expect(await coming.count()).toBe(0)
  })

  test("that is a recording's replay has a Stop beside its progress, which the keyboard reaches, while it is opened and while a step is far", async () => {
    await openWithoutKernel(page, RECORDING)
    const recording = recordingOn(page)
    await recording.getByRole("slider", { name: "Step" }).press("ArrowRight")
    await expect.poll(asked).toEqual(["open 1"])
    await answer({ id: 1, is: "progress", done: 1, of: 4 })
    const replayed = recording.getByRole("progressbar", { name: "Replayed" })
    await replayed.waitFor()
    expect(await replayed.getAttribute("aria-valuenow")).toBe("25")
    for (const theme of ["dark", "light"] as const) {
      await changeTheme(page, theme)
      expect(await seriousFindings(recording), theme).toEqual([])
      await screenshot(page, `recording-progress-${theme}`)
    }
    await recording.getByRole("slider", { name: "Step" }).focus()
    const stop = recording.getByRole("button", { name: "Stop" })
    for (let tabs = 0; tabs < 40 && !(await stop.evaluate((it) => it === document.activeElement)); tabs++)
      await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await recording.getByText("The replay was stopped; this run has 1,000 steps.").waitFor()
    expect((await asked()).at(-1)).toBe("cancel 1")
    await answer({ id: 1, is: "cancelled" })
    await expect.poll(() => replayed.count()).toBe(0)
    await screenshot(page, "recording-stopped")
    await recording.getByRole("slider", { name: "Step" }).press("ArrowRight")
    await expect.poll(async () => (await asked()).at(-1)).toBe("open 2")
    await answer({ id: 2, is: "opened", timeline: long.timeline })
    await expect.poll(async () => (await asked()).at(-1)).toBe("frame 3")
    await answer({ id: 3, is: "progress", done: 1, of: 4 })
    await stop.click()
    await recording.getByText("The replay was stopped").waitFor()
    expect((await asked()).at(-1)).toBe("cancel 3")
  })
})
