import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import {
  cellsOf,
  changeTheme,
  type Lab,
  openNotebook,
  openPage,
  outsideRequests,
  restored,
  runAll,
  screenshot,
  startLab,
} from "./lab"
import { seriousFindings } from "./outputs"

const CELLS = [
  'import { asm, chart, choice, explore, pc, range, record, toggle } from "ringlab"',
  `let runs: number[] = []
explore({ pages: range(0, 64, { unit: "pages", value: 8, label: "Memory" }),
    walk: choice(["one-dimensional", "nested"], { label: "Walk" }), hits: toggle({ label: "TLB hits" }) },
  async ({ pages, walk, hits }) => {
    runs.push(pages)
    if (pages === 13) throw new Error("thirteen pages are too many")
    if (pages === 50) for (;;);
    if (pages === 20) await new Promise((done) => setTimeout(done, 1000))
    console.log(pages, walk, hits)
    const x = Array.from({ length: pages }, (_, page) => page)
    const y = x.map((page) => (walk === "nested" ? 24 : 2) * (hits ? Math.ceil(page / 4) : page))
    return chart({ data: [{ type: "bar", x, y }], layout: { title: { text: "References of " + pages + " pages" },
      xaxis: { title: { text: "page" } }, yaxis: { title: { text: "references" } } } })
  })`,
  'explore({ value: range(1, 9) }, ({ value }) => record(pc().load(asm`mov eax, ${value}\nhlt`), { title: "Run " + value }))',
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

let lab: Lab
let page: Page
beforeAll(async () => {
  lab = await startLab()
  for (const name of ["one", "two"]) writeFileSync(join(lab.root, `${name}.ipynb`), notebook())
  page = await openPage(lab)
  await openNotebook(page, "one.ipynb")
  await runAll(page)
})
afterAll(() => lab?.stop())

/** An exploration of the notebook in front, by the names of its parameters. */
function explorationOf(names: string): Locator {
  return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").getByRole("group", { name: `Explore ${names}` })
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

test("a function's controls are shown with its first result", async () => {
  await live(pages())
  await chartOf(8).locator("svg").first().waitFor()
  expect(await pages().locator(".rl-printed").textContent()).toBe("8 one-dimensional false\n")
})

test("moving a slider runs the function and replaces the result", async () => {
  await slide(pages(), "Memory", 32)
  await chartOf(32).locator("svg").first().waitFor()
  await chartOf(8).waitFor({ state: "detached" })
  expect(await pages().locator(".rl-printed").textContent()).toBe("32 one-dimensional false\n")
  await screenshot(page, "explore-light")
})
