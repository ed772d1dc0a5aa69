/** What an experiment needs of the worker's files, and what a reader sees of one that takes long. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Page } from "playwright-core"
import { type Answer, explore, type Request } from "ringlab"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { changeTheme, type Lab, openNotebook, openPage, restored, runAll, screenshot, startLab } from "./lab"
import { recordingOn, seriousFindings, stepWhere, watchScripts } from "./outputs"
import { bundleOf, notebookWith, openWithoutKernel } from "./saved"

const NOTEBOOK = "notebooks/experiment.ipynb"
const RESULT = explore("rings/iopl").result.sentence.replaceAll("`", "")

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ baseUrl: "/user/x/" })
  writeFileSync(join(lab.root, NOTEBOOK), notebookWith(bundleOf(explore("rings/iopl"))))
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

describe("an experiment that takes long", () => {
  let page: Page
  const asked = () => page.evaluate(() => byHand.asked.map(({ id, do: what }) => `${what} ${id}`))
  const answer = (answer: Answer) => page.evaluate((answer) => byHand.answer(answer), answer)
  const experiment = () => page.getByRole("group", { name: "Experiment: Slow" })
  const bar = () => experiment().getByRole("progressbar", { name: "Computed" })
  const x = { kind: "range", label: "Steps", unit: "", min: 0, max: 9, step: 1, value: 1 } as const

  beforeAll(async () => {
    page = await openPage(lab)
    await page.addInitScript(replaceWorkers)
    await page.reload()
    await restored(page)
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
    for (const theme of ["dark", "light"] as const) {
      await changeTheme(page, theme)
      expect(await seriousFindings(experiment()), theme).toEqual([])
      await screenshot(page, `experiment-progress-${theme}`)
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
})
