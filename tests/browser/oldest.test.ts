/**
 * The oldest JupyterLab that the extension is for. All other tests start the pinned one, and `npm run soak -- wheel` the
 * newest that there is.
 */
import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { hasChanges, type Lab, openNotebook, openPage, runAll, screenshot, startLab } from "./lab"
import { recordingOn, stepWhere } from "./outputs"
import { jupyterLabIn, listed, OLDEST } from "./releases"

let python: string
let lab: Lab
let page: Page
const warnings: string[] = []
beforeAll(async () => {
  python = await jupyterLabIn(OLDEST)
  lab = await startLab({ python })
  page = await openPage(lab, {}, (page) => page.on("console", (message) => warnings.push(message.text())))
})
afterAll(() => lab?.stop())

test("JupyterLab lists the extension as enabled and fitting", () => {
  expect(listed(python)).toMatch(/ringlab-lessons v[\d.]+.*enabled.*OK/)
})

test("the extension takes JupyterLab's own packages, and none is too old for it", () => {
  expect(warnings.length).toBeGreaterThan(0)
  expect(warnings.filter((text) => text.includes("Unsatisfied version"))).toEqual([])
})

test("the course panel lists the lessons, and opens one, which has no changes to save", async () => {
  await page.getByRole("tab", { name: "Course" }).click()
  const course = page.getByRole("region", { name: /^Course/ })
  expect(await course.getByRole("button").count()).toBeGreaterThan(3)
  await course.getByRole("button", { name: "Welcome" }).click()
  await openNotebook(page, "notebooks/00-welcome.ipynb")
  expect(await hasChanges(page)).toBe(false)
})

test("a recording is drawn, and can be stepped", async () => {
  await runAll(page)
  const recording = recordingOn(page)
  await recording.getByRole("button", { name: "Start" }).click()
  await stepWhere(recording, (step) => step === 0)
  await screenshot(page, "oldest")
})
