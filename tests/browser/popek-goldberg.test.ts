import type { Locator, Page } from "playwright-core"
import { exercise } from "ringlab"
import { afterAll, beforeAll, expect, test } from "vitest"
import { borrowLab } from "./borrow"
import { cellsOf, changeTheme, kernelReady, type Lab, openPage, runAll, screenshot } from "./lab"
import { exerciseOn, sayingOf, scrubTo, seriousFindings } from "./outputs"

/** The search alone takes some ten seconds. */
const SLOW = 240_000

let lab: Lab
let page: Page
beforeAll(async () => {
  lab = await borrowLab()
  page = await openPage(lab)
  await page.evaluate(searchLess, 1000)
})
afterAll(() => lab?.stop())

test(
  "the course panel opens 05-popek-goldberg, and it runs from top to bottom",
  async () => {
    await page.getByRole("tab", { name: "Course" }).click()
    await page.locator("[data-lesson=popek-goldberg]").click()
    await kernelReady(page)
    await runAll(page)
    const outputs = (await cellsOf(page)).flatMap((cell) => cell.outputs ?? [])
    expect(outputs.filter((output) => output.output_type === "error")).toEqual([])
    await page.getByText(/Found by a search of 9\d\d,\d{3} states\./).waitFor() // nearly a million, as the lesson says
    expect(await seriousFindings(page.locator(".rl-course"))).toEqual([])
  },
  SLOW,
)

/** In the page: from now on its workers try so many states of each form, and not 2,000: the same is found, sooner. */
function searchLess(states: number): void {
  const { postMessage } = Worker.prototype
  Worker.prototype.postMessage = function (request: { readonly states?: number }) {
    postMessage.call(this, request.states ? { ...request, states } : request)
  }
}

const CLASSIFICATION = "Classification of all instructions"

test(
  "the classification has no serious accessibility issue in either theme, and fits wide and narrow windows",
  async () => {
    const picture = page.getByRole("group", { name: CLASSIFICATION })
    for (const theme of ["light", "dark"] as const) {
      await changeTheme(page, theme)
      for (const width of [1400, 900]) {
        await page.setViewportSize({ width, height: 1000 })
        await picture.scrollIntoViewIfNeeded()
        expect(await seriousFindings(picture), theme).toEqual([])
        expect(await picture.evaluate((node) => node.scrollWidth - node.clientWidth)).toBe(0)
        expect(await letterSize(picture)).toBeGreaterThanOrEqual(12)
        await picture.screenshot({ path: `tests/screenshots/popek-goldberg-${theme}-${width}.png` })
      }
    }
    await changeTheme(page, "light")
    await page.setViewportSize({ width: 1400, height: 900 })
  },
  SLOW,
)

/** Of the smallest letters in the picture of the two sets, in pixels of the screen. */
function letterSize(picture: Locator): Promise<number> {
  return picture.locator(".rl-picture svg").evaluate((svg) => {
    const { width } = svg.getBoundingClientRect()
    const scale = width / Number(svg.getAttribute("width"))
    const sizes = [...svg.querySelectorAll("text")].map((text) => parseFloat(getComputedStyle(text).fontSize))
    return scale * Math.min(...sizes)
  })
}

test("repairing all offenders flips the verdict at once, and all but one does not", async () => {
  const picture = page.getByRole("group", { name: CLASSIFICATION })
  const verdict = picture.locator(".rl-theorems dt").first()
  await verdict.filter({ hasText: "Virtualizable: no" }).waitFor()
  await picture.getByRole("button", { name: "All", exact: true }).click()
  await verdict.filter({ hasText: "Virtualizable: yes" }).waitFor()
  expect(await picture.getByRole("status").first().innerText()).toContain("Provisional")
  await picture.screenshot({ path: "tests/screenshots/popek-goldberg-repaired.png" })
  await picture.getByRole("checkbox", { name: "POPF", exact: true }).focus()
  await page.keyboard.press("Space")
  await verdict.filter({ hasText: "Virtualizable: no" }).waitFor()
  await picture.getByRole("button", { name: "None", exact: true }).click()
  await picture.getByText("Found by a search of").waitFor()
})

test(
  "after a change the full search confirms what the stored witnesses said, and tells how far it is",
  async () => {
    const picture = page.getByRole("group", { name: CLASSIFICATION })
    const verdict = picture.locator(".rl-theorems dd").first()
    await picture.getByRole("checkbox", { name: "CR4.UMIP" }).check()
    await picture.getByText(/Searching: \d+ %/).waitFor()
    const provisional = await verdict.innerText()
    expect(provisional).not.toContain("SGDT")
    await picture.getByText(/Found by a search of 9\d\d,\d{3} states\./).waitFor({ timeout: SLOW })
    expect(await verdict.innerText()).toBe(provisional)
    await picture.getByRole("checkbox", { name: "CR4.UMIP" }).uncheck()
    await picture.getByText("Found by a search of").waitFor()
  },
  SLOW,
)

test("the table begins with a few forms, so that the wheel is not caught, and shows all on request", async () => {
  const picture = page.getByRole("group", { name: CLASSIFICATION })
  const table = picture.getByRole("region", { name: "Forms of instructions" })
  const rows = () => table.locator("tbody tr").count()
  expect(await rows()).toBe(15)
  await picture.getByRole("button", { name: /^Show all \d+$/ }).click()
  expect(await rows()).toBeGreaterThan(50)
  expect(await table.evaluate((node) => node.scrollHeight - node.clientHeight)).toBe(0)
  await picture.getByRole("button", { name: "Show the first 15" }).click()
  expect(await rows()).toBe(15)
})

test("the table filters by group and name, and shows a witness as one picture of two recordings that step together", async () => {
  const picture = page.getByRole("group", { name: CLASSIFICATION })
  await picture.getByRole("searchbox").fill("popfd")
  const show = picture.getByRole("button", { name: "Show the witness for POPFD" })
  await show.focus()
  await page.keyboard.press("Enter")
  const witness = picture.getByRole("group", { name: "Witness for POPFD" })
  await witness.getByText("What differs after this step:").waitFor()
  const both = witness.getByRole("group", { name: /^Recording:/ })
  expect(await both.count()).toBe(1)
  await scrubTo(both, 2)
  await expect
    .poll(() => sayingOf(both), { timeout: 20_000 })
    .toMatch(/^Ring 1, step 2 of 2.* Ring 0, step 2 of 2/)
  expect(await seriousFindings(witness)).toEqual([])
  await witness.scrollIntoViewIfNeeded()
  await witness.screenshot({ path: "tests/screenshots/popek-goldberg-witness.png" })
})

test("the table finds what traps in ring 0 only, and its witness tells who misses the trap", async () => {
  const picture = page.getByRole("group", { name: CLASSIFICATION })
  await picture.getByRole("searchbox").fill("pop ss")
  await picture.getByRole("combobox", { name: "Show" }).selectOption("trap in ring 0 only")
  await picture.getByRole("button", { name: "Show the witness for POP SS", exact: true }).click()
  const witness = picture.getByRole("group", { name: "Witness for POP SS" })
  await witness.getByText("A guest kernel never gets the trap").waitFor()
  await witness.getByText("What differs after this step:").waitFor()
  await picture.screenshot({ path: "tests/screenshots/popek-goldberg-reversed.png" })
})

test(
  "each exercise asks, has no serious accessibility issue in either theme, and fits wide and narrow windows",
  async () => {
    for (const theme of ["light", "dark"] as const) {
      await changeTheme(page, theme)
      for (const width of [1400, 900]) {
        await page.setViewportSize({ width, height: 1000 })
        for (let nth = 0; nth < 6; nth++) {
          const asked = exerciseOn(page, nth)
          await asked.scrollIntoViewIfNeeded()
          await asked.locator(".rl-question p").first().waitFor()
          await screenshot(page, `popek-goldberg-exercise-${nth}-${theme}-${width}`)
          expect(await asked.evaluate((node) => node.scrollWidth - node.clientWidth)).toBe(0)
          if (width === 900) expect(await seriousFindings(asked), `${theme} ${nth}`).toEqual([])
        }
      }
    }
    await changeTheme(page, "light")
    await page.setViewportSize({ width: 1400, height: 900 })
  },
  SLOW,
)

test("a wrong answer is told with a hint, and the witness is kept for the solution", async () => {
  const asked = exerciseOn(page, 0)
  const { question } = exercise("popek-goldberg/classify", 2)
  const options = question.form.kind === "choice" ? question.form.options : []
  const wrong = options.find((option) => !exercise("popek-goldberg/classify", 2).check(option).right) ?? ""
  await asked.scrollIntoViewIfNeeded()
  await asked.getByRole("radio", { name: wrong, exact: true }).check()
  await asked.getByRole("button", { name: "Check" }).click()
  await asked.locator(".rl-feedback strong", { hasText: "Not yet" }).waitFor()
  expect(await asked.locator(".rl-feedback").innerText()).not.toContain("The witness:")
  await screenshot(page, "popek-goldberg-exercise-wrong")
})

test("a red pill is written with the keyboard, and progress shows in the course panel", async () => {
  const asked = exerciseOn(page, 5)
  await asked.scrollIntoViewIfNeeded()
  await asked.getByRole("textbox").focus()
  await page.keyboard.type("int 0x80")
  await page.keyboard.press("Control+Enter")
  await asked.locator(".rl-feedback", { hasText: "the monitor is asked first" }).waitFor()
  await screenshot(page, "popek-goldberg-red-pill")
})
