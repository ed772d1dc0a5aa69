import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { borrowLab } from "./borrow"
import {
  changeTheme,
  type Lab,
  openNotebook,
  openPage,
  outsideRequests,
  restored,
  runAll,
  screenshot,
} from "./lab"
import { seriousFindings } from "./outputs"

const CELLS = [
  'import { assemble, chart, choice, explore, pc, range, record, toggle } from "ringlab"',
  `let runs: number[] = []
explore({ pages: range(0, 64, { unit: "pages", value: 8, label: "Memory" }),
    walk: choice(["one-dimensional", "nested"], { label: "Walk" }), hits: toggle({ label: "TLB hits" }) },
  async ({ pages, walk, hits }) => {
    runs.push(pages)
    if (pages === 13) throw new Error("thirteen pages are too many")
    if (pages === 50) for (;;);
    if (pages === 20) await new Promise((done) => setTimeout(done, 1000))
    console.log("so far:", runs.join(" "))
    const x = Array.from({ length: pages }, (_, page) => page)
    const y = x.map((page) => (walk === "nested" ? 24 : 2) * (hits ? Math.ceil(page / 4) : page))
    return chart({ data: [{ type: "bar", x, y }], layout: { title: { text: "References of " + pages + " pages" },
      xaxis: { title: { text: "page" } }, yaxis: { title: { text: "references" } } } })
  })`,
  'explore({ value: range(1, 9) }, ({ value }) => record(pc().load(assemble("mov eax, " + value + "\\nhlt")), { title: "Run " + value }))',
  `import { display } from "tslab"
explore({ rings: range(0, 4, { value: 2 }) }, ({ rings }) => {
  for (let ring = 0; ring < rings; ring++) display.html("<em>ring " + ring + "</em>")
  if (rings > 2) return [{ rings }]
})`,
]

function notebook(): string {
  const cells = CELLS.map((source, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    execution_count: null,
    metadata: {},
    source,
    outputs: [],
  }))
  const kernelspec = { name: "ringlab", display_name: "TypeScript (ringlab)", language: "typescript" }
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells })
}

/** JupyterLab's application object, as far as it is used here. */
declare const jupyterapp: {
  commands: { execute(id: string, args?: object): Promise<unknown> }
  shell: { currentWidget: { sessionContext: { session: { kernel: { restart(): Promise<void> } } } } }
}

let lab: Lab
let page: Page
beforeAll(async () => {
  lab = await borrowLab()
  for (const name of ["one", "two"]) writeFileSync(join(lab.root, `${name}.ipynb`), notebook())
  page = await openPage(lab)
  page.on("dialog", (dialog) => dialog.accept()) // leaving a page with unsaved changes
  await openNotebook(page, "one.ipynb")
  await runAll(page)
})
afterAll(() => lab?.stop())

/** Execute a command; what it gives stays in the page. */
async function command(id: string, args: object = {}): Promise<void> {
  await page.evaluate(([id, args]) => jupyterapp.commands.execute(id, args).then(() => {}), [
    id,
    args,
  ] as const)
}

/** An exploration of the notebook in front, by the names of its parameters. */
function explorationOf(names: string): Locator {
  return page
    .locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    .getByRole("group", { name: `Explore ${names}` })
}

const pages = () => explorationOf("pages, walk, hits")

/** Move a slider as a hand with a mouse does: by its value and an input event. */
async function slide(exploration: Locator, name: string, value: number): Promise<void> {
  await exploration.getByRole("slider", { name }).evaluate((slider, value) => {
    ;(slider as HTMLInputElement).value = String(value)
    slider.dispatchEvent(new Event("input", { bubbles: true }))
  }, value)
}

/** Wait until the controls can be used. */
async function live(exploration: Locator): Promise<void> {
  await exploration.locator("input:enabled").first().waitFor()
}

const chartOf = (count: number) => pages().getByRole("img", { name: `References of ${count} pages` })

const printed = () => pages().locator(".rl-printed").textContent()

test("a function's controls are shown with its first result", async () => {
  await live(pages())
  await chartOf(8).locator("svg").first().waitFor()
  expect(await printed()).toBe("so far: 8\n")
})

test("moving a slider runs the function and replaces the result", async () => {
  await slide(pages(), "Memory", 32)
  await chartOf(32).locator("svg").first().waitFor()
  await chartOf(8).waitFor({ state: "detached" })
  expect(await printed()).toBe("so far: 8 32\n")
})

test("of the moves made while the function runs only the latest counts", async () => {
  for (const value of [20, 21, 22, 23]) await slide(pages(), "Memory", value)
  await chartOf(23).waitFor()
  expect(await printed()).toBe("so far: 8 32 20 23\n")
})

test("every control can be used with the keyboard", async () => {
  await pages().getByRole("slider", { name: "Memory" }).focus()
  await page.keyboard.press("ArrowRight")
  await chartOf(24).waitFor()
  await page.keyboard.press("Tab")
  await page.keyboard.press("Tab")
  await page.keyboard.press("ArrowDown")
  await page.keyboard.press("Tab")
  await page.keyboard.press("Space")
  await pages().locator(".rl-printed", { hasText: "so far: 8 32 20 23 24 24 24" }).waitFor()
  expect(await pages().getByRole("combobox", { name: "Walk" }).inputValue()).toBe("nested")
  expect(await pages().getByRole("checkbox", { name: "TLB hits" }).isChecked()).toBe(true)
})

test("an error is shown with the cell's line, and the next move works", async () => {
  await slide(pages(), "Memory", 13)
  const error = pages().locator("pre", { hasText: "Error: thirteen pages are too many" })
  await error.waitFor()
  expect(await error.textContent()).toContain("at cell 2, line 6")
  await screenshot(page, "explore-error")
  await slide(pages(), "Memory", 14)
  await chartOf(14).waitFor()
})

test("a function that computes for ever can be stopped, and the next move works", async () => {
  await slide(pages(), "Memory", 50)
  await pages().getByText("Computing …").waitFor()
  await pages().getByRole("button", { name: "Stop" }).click()
  await pages().locator("pre", { hasText: "Interrupted: The cell was interrupted." }).waitFor()
  await slide(pages(), "Memory", 16)
  await chartOf(16).waitFor()
})

test("a recording that a function returns can be stepped, and is replaced", async () => {
  const exploration = explorationOf("value")
  await live(exploration)
  await slide(exploration, "value", 5)
  const recording = exploration.getByRole("group", { name: "Recording: Run 5" })
  await recording.waitFor()
  expect(await exploration.getByRole("group", { name: /^Recording:/ }).count()).toBe(1)
  await recording.getByRole("button", { name: "Step", exact: true }).click()
  await recording.getByText("mov eax, 5").first().waitFor()
})

test("what a function displays stands above its result, and is replaced with it", async () => {
  const exploration = explorationOf("rings")
  await live(exploration)
  const shown = () => exploration.locator("em, td").allTextContents()
  expect(await shown()).toEqual(["ring 0", "ring 1"])
  await slide(exploration, "rings", 3)
  await exploration.locator("td").waitFor()
  expect(await shown()).toEqual(["ring 0", "ring 1", "ring 2", "3"])
  await exploration.locator("td").scrollIntoViewIfNeeded()
  await screenshot(page, "explore-displays")
  await slide(exploration, "rings", 1)
  await exploration.locator("td").waitFor({ state: "detached" })
  expect(await shown()).toEqual(["ring 0"])
  await slide(exploration, "rings", 0)
  await exploration.locator("em").waitFor({ state: "detached" })
})

test.each([
  ["light", 1400],
  ["dark", 1400],
  ["light", 900],
  ["dark", 900],
] as const)(
  "controls and chart have no serious fault of accessibility: %s, %d pixels",
  async (theme, width) => {
    await page.setViewportSize({ width, height: 900 })
    await changeTheme(page, theme)
    await pages().scrollIntoViewIfNeeded()
    await screenshot(page, `explore-${theme}-${width}`)
    expect(await seriousFindings(pages())).toEqual([])
  },
)

test("two notebooks have functions of their own", async () => {
  await page.setViewportSize({ width: 1400, height: 900 })
  await openNotebook(page, "two.ipynb")
  await runAll(page)
  await live(pages())
  await slide(pages(), "Memory", 40)
  await chartOf(40).waitFor()
  expect(await printed()).toBe("so far: 8 40\n")
  await openNotebook(page, "one.ipynb")
  await slide(pages(), "Memory", 17)
  await chartOf(17).waitFor()
  expect(await printed()).toMatch(/50 16 17$/m)
})

test("after the page is loaded again the controls stand where they stood, and work", async () => {
  await command("docmanager:save")
  await page.reload()
  await restored(page)
  await openNotebook(page, "one.ipynb")
  await live(pages())
  expect(await pages().getByRole("slider", { name: "Memory" }).inputValue()).toBe("17")
  await slide(pages(), "Memory", 18)
  await chartOf(18).waitFor()
})

test("after a restart of the kernel the controls rest and say why, and a run of the cell brings them back", async () => {
  await page.evaluate(() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart())
  await pages().getByText("run this cell again").waitFor()
  expect(await pages().locator("input:enabled, select:enabled").count()).toBe(0)
  await chartOf(18).waitFor()
  await runAll(page)
  await live(pages())
  await chartOf(8).waitFor()
})

test("a notebook that is opened without a kernel shows its last result, and the controls say why they rest", async () => {
  const saved = JSON.parse(readFileSync(join(lab.root, "one.ipynb"), "utf8"))
  const kernelspec = { name: "not-installed", display_name: "Not installed", language: "other" }
  writeFileSync(join(lab.root, "three.ipynb"), JSON.stringify({ ...saved, metadata: { kernelspec } }))
  void command("docmanager:open", { path: "three.ipynb" })
  await page.getByRole("dialog").getByRole("button", { name: "No Kernel" }).click()
  await pages().getByText("The controls rest until this notebook has a kernel").waitFor()
  expect(await pages().locator("input:enabled, select:enabled").count()).toBe(0)
  expect(await pages().getByRole("slider", { name: "Memory" }).inputValue()).toBe("17")
  await chartOf(17).locator("svg").first().waitFor()
  await screenshot(page, "explore-no-kernel")
  expect(await seriousFindings(pages())).toEqual([])
  expect(outsideRequests(page)).toEqual([])
})
