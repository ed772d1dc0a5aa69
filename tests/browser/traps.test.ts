import type { Locator, Page } from "playwright-core"
import { type ExerciseOutput, exercise, MIME_TYPE, type Output } from "ringlab"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { borrowLab } from "./borrow"
import {
  cellsOf,
  changeTheme,
  kernelReady,
  type Lab,
  openPage,
  outsideRequests,
  restored,
  runAll,
  screenshot,
} from "./lab"
import { exerciseOn, recordingOn, sayingOf, scrubTo, seriousFindings, stepOf, stepWhere } from "./outputs"

/** The exercises of the notebook in front, in their order, as its outputs carry them. */
async function exercisesIn(page: Page): Promise<ExerciseOutput[]> {
  const outputs = (await cellsOf(page)).flatMap((cell) => cell.outputs ?? [])
  const carried = outputs.map(
    ({ data }) => (data as Record<string, Output | undefined> | undefined)?.[MIME_TYPE],
  )
  return carried.filter((output): output is ExerciseOutput => output?.kind === "exercise")
}

/** Options of a choice that the checks call right, and wrong. */
function sorted(name: string, seed: number): { right: string; wrong: string } | null {
  const asked = exercise(name, seed)
  if (asked.question.form.kind !== "choice") return null
  const { options } = asked.question.form
  const right = options.find((option) => asked.check(option).right)
  const wrong = options.find((option) => !asked.check(option).right)
  return right !== undefined && wrong !== undefined ? { right, wrong } : null
}

async function answer(exercise: Locator, option: string): Promise<string> {
  await exercise.getByRole("radio", { name: option.replaceAll("`", ""), exact: true }).check()
  await exercise.getByRole("button", { name: "Check" }).click()
  return exercise.locator(".rl-feedback strong").innerText()
}

/** What a page does with recordings without asking the server, so that one base URL is enough. */
function recordingsByThemselves(page: () => Page, shot: (name: string) => Promise<void>): void {
  test("the scrubber goes to any step, and the step is said", async () => {
    const recording = recordingOn(page())
    await recording.scrollIntoViewIfNeeded()
    const last = Number(await recording.getByRole("slider", { name: "Step" }).getAttribute("max"))
    expect(last).toBeGreaterThan(5)
    await scrubTo(recording, last)
    expect(await stepWhere(recording, (step) => step === last)).toBe(last)
    await recording
      .locator("[aria-live]")
      .filter({ hasText: `Step ${last} of ${last}` })
      .waitFor({ state: "attached" })
  })

  test("a click into the picture makes the keys work there, and not on the notebook's cells", async () => {
    const recording = recordingOn(page())
    await scrubTo(recording, 3)
    await stepWhere(recording, (step) => step === 3)
    await recording.locator(".rl-heading").click()
    await page().keyboard.press("ArrowRight")
    expect(await stepWhere(recording, (step) => step > 3)).toBe(4)
  })

  test("step back, by button and by key, shows the step before", async () => {
    const recording = recordingOn(page())
    const before = await stepOf(recording)
    await recording.getByRole("button", { name: "Step back" }).click()
    await stepWhere(recording, (step) => step === before - 1)
    await recording.getByRole("slider", { name: "Step" }).focus()
    await page().keyboard.press("ArrowLeft")
    await stepWhere(recording, (step) => step === before - 2)
  })

  test("“next fault” finds a fault, and says which check failed", async () => {
    const recordings = page().getByRole("group", { name: /^Recording:/ })
    const withFault = recordings.filter({ has: page().locator('option[value="fault"]') }).first()
    await withFault.scrollIntoViewIfNeeded()
    await scrubTo(withFault, 0)
    await stepWhere(withFault, (step) => step === 0)
    await withFault.getByRole("combobox", { name: "Kind of event" }).selectOption("fault")
    await withFault.getByRole("button", { name: "Next fault" }).click()
    await stepWhere(withFault, (step) => step > 0)
    await withFault.getByText(/^Fault #.*: why$/).waitFor()
    expect(await sayingOf(withFault)).toContain("fault")
    await shot("fault")
  })

  test("a recording has no serious accessibility issue in either theme, and fits wide and narrow windows", async () => {
    const recording = recordingOn(page())
    for (const theme of ["light", "dark"] as const) {
      await changeTheme(page(), theme)
      for (const width of [1400, 900]) {
        await page().setViewportSize({ width, height: 1000 })
        await recording.scrollIntoViewIfNeeded()
        await shot(`recording-${theme}-${width}`)
        expect(await recording.evaluate((node) => node.scrollWidth - node.clientWidth)).toBe(0)
      }
      expect(await seriousFindings(recording), theme).toEqual([])
    }
    await changeTheme(page(), "light")
    await page().setViewportSize({ width: 1400, height: 900 })
  })
}

describe.each([{ baseUrl: "/" }, { baseUrl: "/user/x/" }])(
  "03-traps in JupyterLab under $baseUrl",
  ({ baseUrl }) => {
    let lab: Lab
    let page: Page
    const shot = (name: string) => screenshot(page, `traps${baseUrl.replaceAll("/", "-")}${name}`)

    beforeAll(async () => {
      lab = await borrowLab({ baseUrl })
      page = await openPage(lab)
    })
    afterAll(() => lab?.stop())

    test("the course panel opens it, and it runs from top to bottom", async () => {
      await page.getByRole("tab", { name: "Course" }).click()
      await page.locator("[data-lesson=traps]").click()
      await kernelReady(page)
      await runAll(page)
      const outputs = (await cellsOf(page)).flatMap((cell) => cell.outputs ?? [])
      expect(outputs.filter((output) => output.output_type === "error")).toEqual([])
      expect(await seriousFindings(page.locator(".rl-course"))).toEqual([])
      await shot("course")
    })

    if (baseUrl === "/") recordingsByThemselves(() => page, shot)

    test("an exercise tells a wrong answer from a right one, and progress shows in the course panel", async () => {
      const asked = await exercisesIn(page)
      const nth = asked.findIndex(({ exercise, seed }) => sorted(exercise, seed) !== null)
      const answers = sorted(asked[nth].exercise, asked[nth].seed)
      const widget = exerciseOn(page, nth)
      await widget.scrollIntoViewIfNeeded()
      expect(await answer(widget, answers?.wrong ?? "")).toContain("Not yet")
      expect(await answer(widget, answers?.right ?? "")).toContain("Right")
      expect(await seriousFindings(widget)).toEqual([])
      await page.locator("[data-lesson=traps]", { hasText: /1 of \d+ exercises solved/ }).waitFor()
      await shot("exercise")
    })

    test("after a reload the saved outputs are alive again, without running anything", async () => {
      await page.evaluate(() => jupyterapp.commands.execute("docmanager:save"))
      await page.reload()
      await restored(page)
      const recording = recordingOn(page)
      await recording.scrollIntoViewIfNeeded()
      const before = await stepOf(recording)
      await recording.getByRole("button", { name: "Step", exact: true }).click()
      await stepWhere(recording, (step) => step === before + 1)
      await page
        .locator("[data-lesson=traps]", { hasText: /1 of \d+ exercises solved/ })
        .waitFor({ state: "attached" })
    })

    test("nothing was asked of any other machine", () => {
      expect(outsideRequests(page)).toEqual([])
    })
  },
)

declare const jupyterapp: { commands: { execute(id: string): Promise<unknown> } }
