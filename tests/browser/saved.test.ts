import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Page } from "playwright-core"
import { asm, MIME_TYPE, type MimeBundle, pc, record } from "ringlab"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type Lab, openNotebook, openPage, restored, screenshot, startLab } from "./lab"
import { recordingOn, sayingOf, seriousFindings, stepWhere, watchScripts } from "./outputs"

/** A notebook as a student gets it from somebody else: outputs saved, nothing signed, its kernel not installed. */
function notebookWith(...bundles: readonly Record<string, unknown>[]): string {
  const cells = bundles.map((data, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    execution_count: i + 1,
    metadata: {},
    source: "",
    outputs: [{ output_type: "execute_result", execution_count: i + 1, metadata: {}, data }],
  }))
  const kernelspec = { name: "not-installed", display_name: "Not installed", language: "typescript" }
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells })
}

/** A run of a few steps that ends in HLT, as a cell would show it. */
function bundleOfRun(): Record<string, unknown> {
  const machine = pc()
  machine.load(asm`mov eax, 5
    add eax, 2
    hlt`)
  const shown = record(machine, { title: "Five and two" })
  return (shown as unknown as Record<symbol, () => MimeBundle>)[Symbol.for("Jupyter.display")]()
}

const plotly = { data: [{ type: "bar", y: [1, 3, 2] }], layout: { title: { text: "Three bars" } } }

let lab: Lab
let page: Page
beforeAll(async () => {
  lab = await startLab()
  const bundle = bundleOfRun()
  const output = bundle[MIME_TYPE] as Record<string, unknown>
  const broken = { ...output, title: "Broken", recording: String(output.recording).slice(1) }
  const saved = notebookWith(
    bundle,
    { [MIME_TYPE]: broken, "text/plain": "" },
    { [MIME_TYPE]: { kind: "recording" }, "text/plain": "" },
    { [MIME_TYPE]: { ...output, title: "<img src=x onerror=alert(1)>" }, "text/plain": "" },
  )
  writeFileSync(join(lab.root, "notebooks", "saved.ipynb"), saved)
  writeFileSync(
    join(lab.root, "notebooks", "chart.ipynb"),
    notebookWith({ "application/vnd.plotly.v1+json": plotly }),
  )
  page = await openPage(lab)
})
afterAll(() => lab?.stop())

declare const jupyterapp: { commands: { execute(id: string, args: object): Promise<unknown> } }

/** Open a notebook and decline to choose a kernel for it. */
async function openWithoutKernel(path: string): Promise<void> {
  void page.evaluate((path) => jupyterapp.commands.execute("docmanager:open", { path }), path)
  await page.getByRole("dialog").getByRole("button", { name: "No Kernel" }).click()
}

test("a saved, unsigned notebook shows its recording without a kernel, and it can be stepped", async () => {
  const { scripts, workers } = watchScripts(page)
  await openWithoutKernel("notebooks/saved.ipynb")
  const recording = recordingOn(page)
  await recording.waitFor()
  expect(workers, "no worker before anybody steps").toEqual([])
  await recording.getByRole("button", { name: "Step ▶" }).click()
  await stepWhere(recording, (step) => step === 1)
  expect(await sayingOf(recording)).toContain("mov eax")
  const worker = scripts.get(workers[0]) ?? 0
  expect(worker).toBeGreaterThan(0)
  expect(worker).toBeLessThan(1_000_000)
})

test("a recording that cannot be replayed says so and shows what was carried", async () => {
  const recording = recordingOn(page, 1)
  await recording.scrollIntoViewIfNeeded()
  await recording.getByRole("button", { name: "Step ▶" }).click()
  await recording.getByText("What you see is the picture that the notebook carries.").waitFor()
  expect(await recording.locator("svg.rl").count()).toBe(1)
})

test("malformed data gives a sentence", async () => {
  const sentence = page.getByText("This output cannot be shown: recording.core should be there.")
  await sentence.scrollIntoViewIfNeeded()
  await screenshot(page, "saved-malformed")
})

test("a title is text, whatever it holds", async () => {
  await recordingOn(page, 2).scrollIntoViewIfNeeded()
  expect(await page.locator(".rl-output img").count()).toBe(0)
})

test("the keys are explained, and pinned memory comes and goes", async () => {
  const recording = recordingOn(page)
  await recording.getByRole("slider", { name: "Step" }).focus()
  await page.keyboard.press("?")
  await recording.getByText("previous CR3 write").waitFor()
  await page.keyboard.press("?")
  await recording.getByRole("textbox", { name: "Pin memory at" }).fill("esp")
  await page.keyboard.press("Enter")
  await recording.getByText("Memory: esp").waitFor()
  await recording.getByRole("button", { name: "Remove the pinned memory esp" }).click()
  await recording.getByText("Memory: esp").waitFor({ state: "detached" })
})

test("a run is played to its end, at once for readers who want no motion", async () => {
  const recording = recordingOn(page)
  const last = Number(await recording.getByRole("slider", { name: "Step" }).getAttribute("max"))
  await page.emulateMedia({ reducedMotion: "reduce" })
  await recording.getByRole("button", { name: "Start" }).click()
  await stepWhere(recording, (step) => step === 0)
  await recording.getByRole("button", { name: "Run" }).click()
  await stepWhere(recording, (step) => step === last)
  await page.emulateMedia({ reducedMotion: "no-preference" })
  await recording.getByRole("button", { name: "Run" }).click()
  await stepWhere(recording, (step) => step < last)
  await stepWhere(recording, (step) => step === last)
})

test("plotly.js is fetched when the first chart needs it, and not before", async () => {
  const { scripts } = watchScripts(page)
  await openWithoutKernel("notebooks/chart.ipynb")
  await page.getByRole("img", { name: "Three bars" }).locator("svg").first().waitFor()
  expect(Math.max(...scripts.values())).toBeGreaterThan(500_000)
  expect(await seriousFindings(page.locator(".rl-chart"))).toEqual([])
})

test("what 00-welcome needs of our scripts is at most 300 KB", async () => {
  const fresh = await openPage(lab)
  const { scripts, workers } = watchScripts(fresh)
  await fresh.reload()
  await restored(fresh)
  await openNotebook(fresh, "notebooks/00-welcome.ipynb")
  const bytes = [...scripts]
    .filter(([file]) => !workers.includes(file))
    .reduce((sum, [, size]) => sum + size, 0)
  expect(bytes).toBeGreaterThan(10_000)
  expect(bytes).toBeLessThanOrEqual(300_000)
})
