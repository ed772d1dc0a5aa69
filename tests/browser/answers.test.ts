/** How an exercise answers, and where its answers are kept: in the student's copy of the notebook. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Locator, Page } from "playwright-core"
import { exercise } from "ringlab"
import { afterAll, beforeAll, expect, test } from "vitest"
import { borrowLab } from "./borrow"
import { changeTheme, hasChanges, type Lab, openNotebook, openPage, screenshot } from "./lab"
import { exerciseOn, sayingOf, seriousFindings, stepOf } from "./outputs"
import { bundleOf, notebookWith } from "./saved"

const COPY = "notebooks/02-rings-Copy1.ipynb"
const ASKED = exercise("rings/popf", 5)
/** Nobody reads a hint in less: what is answered sooner is no try. */
const READING = 2100
const SIZE = { width: 1280, height: 720 }

let lab: Lab
let page: Page
beforeAll(async () => {
  lab = await borrowLab()
  const lines = exercise("rings/find-out", 2)
  writeFileSync(join(lab.root, COPY), inOurKernel(notebookWith(bundleOf(ASKED), bundleOf(lines))))
  page = await openPage(lab, SIZE)
})
afterAll(() => lab?.stop())

/** With the metadata that JupyterLab would write for our kernel. */
function inOurKernel(notebook: string): string {
  const lesson = JSON.parse(readFileSync(join(lab.root, "notebooks/02-rings.ipynb"), "utf8"))
  return JSON.stringify({ ...JSON.parse(notebook), metadata: lesson.metadata })
}

const options = ASKED.question.form.kind === "choice" ? ASKED.question.form.options : []
const right = options.find((option) => ASKED.check(option).right) ?? ""
const wrong = options.filter((option) => option !== right)
/** The answer that shows a misconception. */
const slip = wrong.find((option) => ASKED.check(option).misconception !== undefined) ?? ""
const other = wrong.find((option) => option !== slip) ?? ""

async function give(asked: Locator, answer: string): Promise<string> {
  await page.waitForTimeout(READING)
  await asked.getByRole("radio", { name: answer, exact: true }).check()
  await asked.getByRole("button", { name: "Check" }).click()
  await asked.locator(".rl-feedback strong", { hasText: /^(✓ Right|✗ Not yet)\. $/ }).waitFor()
  return asked.locator(".rl-feedback").innerText()
}

/** A picture in both themes. */
async function shots(name: string, of: Locator): Promise<void> {
  for (const theme of ["dark", "light"] as const) {
    await changeTheme(page, theme)
    await of.evaluate((node) => node.scrollIntoView({ block: "center" }))
    await screenshot(page, `answers-${name}-${theme}`)
  }
}

const run = (asked: Locator) => asked.getByRole("button", { name: "Show me this run" })
const solution = (asked: Locator) => asked.getByRole("button", { name: "Show the solution" })

test("a lesson and a copy of it, opened and not touched, have no changes to save", async () => {
  const lessons = ["02-rings", "03-traps", "04-trap-and-emulate", "05-popek-goldberg"].map(
    (name) => `notebooks/${name}.ipynb`,
  )
  for (const path of [...lessons, COPY]) await openNotebook(page, path)
  await exerciseOn(page).getByRole("radio").first().waitFor()
  for (const path of [...lessons, COPY]) {
    await openNotebook(page, path)
    expect(await hasChanges(page), path).toBe(false)
  }
})

test("a first miss gets the verdict and a hint, a second one the rule and offers of the run and the solution", async () => {
  const asked = exerciseOn(page)
  const first = await give(asked, slip)
  expect(first).toMatch(/^✗ Not yet\./)
  expect(first).not.toContain("The rule:")
  expect([await run(asked).isVisible(), await solution(asked).isVisible()]).toEqual([false, false])
  await shots("first-miss", asked.locator(".rl-feedback"))
  const second = await give(asked, other)
  expect(second).toContain("The rule:")
  expect([await run(asked).isVisible(), await solution(asked).isVisible()]).toEqual([true, true])
  await shots("second-miss", asked.locator(".rl-feedback"))
  expect(await seriousFindings(asked)).toEqual([])
})

test("the run behind an answer is shown at the step that decides, and hidden again", async () => {
  const asked = exerciseOn(page)
  await run(asked).click()
  const recording = asked.getByRole("group", { name: /^Recording:/ })
  await recording.locator(".rl-saying svg.rl").waitFor()
  expect(await sayingOf(recording)).toMatch(/popf|iret/i)
  expect(await stepOf(recording)).toBeGreaterThan(0)
  await screenshot(page, "answers-run-opened")
  await shots("run", recording)
  expect(await asked.evaluate((node) => node.scrollWidth - node.clientWidth)).toBe(0)
  expect(await seriousFindings(asked)).toEqual([])
  await asked.getByRole("button", { name: "Hide the run" }).click()
  await expect.poll(() => recording.count()).toBe(0)
})

test("the solution comes when it is asked for, and an answer after it does not count", async () => {
  const asked = exerciseOn(page)
  await solution(asked).click()
  await asked.locator(".rl-feedback", { hasText: "The solution:" }).waitFor()
  expect(await asked.locator(".rl-feedback").innerText()).toContain(right)
  await shots("solution", asked.locator(".rl-feedback"))
  expect(await seriousFindings(asked)).toEqual([])
  expect(await give(asked, right)).toContain("you have seen the solution")
  await page.getByRole("tab", { name: "Course" }).click()
  await page.locator("[data-lesson=rings]", { hasText: /^Rings0 of \d+ exercises solved/ }).waitFor()
})

test("lines that look at nothing bring nobody nearer the solution, and those that try do", async () => {
  const asked = exerciseOn(page, 1)
  await asked.scrollIntoViewIfNeeded()
  for (const lines of ["hlt", "nop", "mov eax, 0", "mov eax, cr0"]) {
    await page.waitForTimeout(READING)
    await asked.getByRole("textbox").fill(lines)
    await asked.getByRole("textbox").press("Control+Enter")
    await asked.locator(".rl-feedback strong", { hasText: "Not yet" }).waitFor()
  }
  expect(await solution(asked).isVisible()).toBe(false)
  await shots("lines", asked.locator(".rl-feedback"))
  const { text } = exercise("rings/find-out", 2).question
  const register = /leave in (\w+)/.exec(text)?.[1] ?? ""
  await asked.getByRole("textbox").fill(`mov ${register}, cr0\nand ${register}, 1`)
  await page.waitForTimeout(READING)
  await asked.getByRole("textbox").press("Control+Enter")
  await solution(asked).click()
  await asked.locator(".rl-feedback pre").waitFor()
  const lines = await asked.locator(".rl-feedback pre").innerText()
  expect(exercise("rings/find-out", 2).check(lines).right).toBe(true)
})

test("answers are in the file, and another browser has them and opens this copy from the course panel", async () => {
  const asked = exerciseOn(page)
  await asked.getByRole("button", { name: "Another one" }).click()
  await expect.poll(() => keptAnswers()?.["rings/popf 5"]?.[1], { timeout: 10_000 }).toBe("")
  const kept = JSON.parse(readFileSync(join(lab.root, COPY), "utf8"))
  kept.metadata.ringlab.answers["rings/popf 5"] = [5, right]
  kept.metadata.ringlab.tries["rings/popf"] = [1, 2]
  await page.context().close()
  writeFileSync(join(lab.root, COPY), JSON.stringify(kept))

  page = await openPage(lab, SIZE)
  await page.getByRole("tab", { name: "Course" }).click()
  const lesson = page.locator("[data-lesson=rings]", { hasText: /1 of \d+ exercises solved/ })
  await lesson.click()
  await page.getByRole("tab", { name: "02-rings-Copy1.ipynb" }).waitFor()
  const again = exerciseOn(page).getByRole("radio", { name: right, exact: true })
  await expect.poll(() => again.isChecked()).toBe(true)
  await screenshot(page, "answers-elsewhere")
  expect(await hasChanges(page)).toBe(false)
})

test("a prediction is kept in the file, and stands above what its cell gave, which comes into view", async () => {
  const path = "notebooks/predict.ipynb"
  const asks = "> **Predict.** What does `popf` do?\n> - [ ] It faults: `#GP`\n> - [ ] *Nothing*"
  writeFileSync(join(lab.root, path), inOurKernel(asking(asks, 'console.log("so")\n'.repeat(40))))
  await openNotebook(page, path)
  const form = page.getByRole("group", { name: "Predict. What does popf do?" })
  await form.getByRole("radio", { name: "Nothing" }).check()
  await page.getByRole("status").filter({ hasText: "Kept." }).waitFor()
  expect(await seriousFindings(page.locator(".rl-predict"))).toEqual([])
  await page.keyboard.press("Shift+Enter")
  await page.keyboard.press("Control+Enter")
  const line = page.getByText("You predicted: Nothing")
  await line.waitFor()
  await expect.poll(() => line.evaluate(isInView)).toBe(true)
  expect(await form.getByRole("radio", { name: "Nothing" }).isDisabled()).toBe(true)
  await screenshot(page, "answers-predicted")
  const kept = () => JSON.parse(readFileSync(join(lab.root, path), "utf8")).metadata.ringlab?.predictions
  await expect.poll(kept, { timeout: 10_000 }).toEqual({ asks: ["*Nothing*", 1] })
})

/** A notebook with a question, and the cell that it asks about. */
function asking(question: string, code: string): string {
  const cell = {
    id: "runs",
    cell_type: "code",
    metadata: {},
    source: code,
    outputs: [],
    execution_count: null,
  }
  const cells = [{ id: "asks", cell_type: "markdown", metadata: {}, source: question }, cell]
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells })
}

function isInView(node: Element): boolean {
  const view = node.closest(".jp-WindowedPanel-outer")?.getBoundingClientRect()
  const { top, bottom } = node.getBoundingClientRect()
  return view !== undefined && top >= view.top && bottom <= view.bottom
}

const keptAnswers = () =>
  JSON.parse(readFileSync(join(lab.root, COPY), "utf8")).metadata.ringlab?.answers as
    | Record<string, [number, string, number?]>
    | undefined
