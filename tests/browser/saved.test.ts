import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Page } from "playwright-core"
import {
  asm,
  enterRing,
  exercise,
  explore,
  kit,
  MARK_KINDS,
  MIME_TYPE,
  pc,
  record,
  startController,
  startPaging,
  startTimer,
} from "ringlab"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { borrowLab } from "./borrow"
import { ENDLESS, FETCHING, harmfulOutputs, watchForeign } from "./hostile"
import { type Lab, openNotebook, openPage, restored, screenshot } from "./lab"
import { recordingOn, sayingOf, seriousFindings, stepWhere, watchScripts } from "./outputs"
import { bundleOf, notebookWith, openWithoutKernel } from "./saved"

/** A run of a few steps that ends in HLT, as a cell would show it. */
function bundleOfRun(): Record<string, unknown> {
  const machine = pc()
  machine.load(asm`mov eax, 5
    add eax, 2
    hlt`)
  const shown = record(machine, { title: "Five and two" })
  return bundleOf(shown)
}

/** A run with something of every kind: a write of CR3, ring changes, a port, a trap, a fault, and the timer's interrupts. */
function everything() {
  const guest = asm`${kit({
    gates: [
      { vector: 13, handler: "refused" },
      { vector: 0x20, handler: "timer" },
      { vector: 0x80, handler: "service", dpl: 3 },
    ],
  })}
main:
${startPaging()}
${startTimer(200)}
${startController([0])}
${enterRing(3, "user", 0x202)}
user:
  int 0x80
  cli
again: jmp again
refused:
  add esp, 4
  inc dword [esp]
service:
  iretd
timer:
  push eax
  mov al, 0x20
  out 0x20, al
  pop eax
  iretd`
  return record(pc().load(guest), { steps: 1500, title: "Everything" })
}

const plotly = { data: [{ type: "bar", y: [1, 3, 2] }], layout: { title: { text: "Three bars" } } }

let lab: Lab
let page: Page
beforeAll(async () => {
  lab = await borrowLab()
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
  const others = [everything(), exercise("traps/gate", 8), explore("rings/iopl")].map(bundleOf)
  writeFileSync(join(lab.root, "notebooks", "others.ipynb"), notebookWith(...others))
  const narrow = notebookWith(bundleOf(explore("rings/kinds")))
  writeFileSync(join(lab.root, "notebooks", "narrow.ipynb"), narrow)
  page = await openPage(lab)
})
afterAll(() => lab?.stop())

declare const jupyterapp: {
  commands: { execute(id: string, args?: object): Promise<unknown> }
  shell: { readonly leftCollapsed: boolean }
}

test("a saved, unsigned notebook shows its recording without a kernel, and it can be stepped", async () => {
  const { scripts, workers } = watchScripts(page)
  await openWithoutKernel(page, "notebooks/saved.ipynb")
  const recording = recordingOn(page)
  await recording.waitFor()
  await recording.getByRole("button", { name: "Step", exact: true }).click()
  await stepWhere(recording, (step) => step === 1)
  expect(await sayingOf(recording)).toContain("mov eax")
  expect(workers, "one worker for all recordings").toHaveLength(1)
  const worker = scripts.get(workers[0]) ?? 0
  expect(worker).toBeGreaterThan(0)
  expect(worker).toBeLessThan(1_000_000)
})

test("a recording that cannot be replayed says so and shows what was carried", async () => {
  const recording = recordingOn(page, 1)
  await recording.scrollIntoViewIfNeeded()
  await recording.getByRole("button", { name: "Step", exact: true }).click()
  await recording.getByText("What you see is the picture that the notebook carries.").waitFor()
  expect(await recording.locator(".rl-panels svg.rl").count()).toBe(1)
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

test("the keys are explained, and what is watched comes and goes", async () => {
  const recording = recordingOn(page)
  await recording.getByRole("slider", { name: "Step" }).focus()
  await page.keyboard.press("?")
  await recording.getByText("previous CR3 write").waitFor()
  await page.keyboard.press("?")
  await recording.getByRole("button", { name: "Pin" }).click()
  await page.keyboard.type("nolabel")
  await page.keyboard.press("Enter")
  await recording.getByText("“nolabel” names no register, label or number.").waitFor()
  expect(await recording.getByRole("button", { name: "nolabel" }).count()).toBe(0)
  expect(await seriousFindings(recording)).toEqual([])
  await recording.getByRole("textbox", { name: "Watch" }).fill("esp")
  await page.keyboard.press("Enter")
  const watched = recording.locator('[data-part="watch esp"]')
  await watched.waitFor()
  await recording.getByRole("button", { name: "Watch esp no more" }).click()
  await watched.waitFor({ state: "detached" })
})

test("Escape closes the help, then gives the focus to the cell; JupyterLab hears Ctrl, and no letter", async () => {
  const recording = recordingOn(page)
  const inside = () => recording.evaluate((node) => node.contains(document.activeElement))
  const sidebarIsOpen = () => page.evaluate(() => !jupyterapp.shell.leftCollapsed)
  const cells = await page.locator(".jp-Notebook .jp-Cell").count()
  await recording.getByRole("slider", { name: "Step" }).focus()
  const open = await sidebarIsOpen()
  await page.keyboard.press("Control+b")
  await expect.poll(sidebarIsOpen).toBe(!open)
  await page.keyboard.press("Control+b")
  await expect.poll(sidebarIsOpen).toBe(open)
  await page.keyboard.press("x")
  await page.keyboard.press("?")
  await recording.getByText("previous CR3 write").waitFor()
  await page.keyboard.press("Escape")
  await recording.getByText("previous CR3 write").waitFor({ state: "hidden" })
  expect(await inside()).toBe(true)
  await page.keyboard.press("Escape")
  expect(await page.evaluate(() => document.activeElement?.classList.contains("jp-Cell"))).toBe(true)
  expect(await page.locator(".jp-Notebook .jp-Cell").count()).toBe(cells)
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
  await openWithoutKernel(page, "notebooks/chart.ipynb")
  await page.getByRole("img", { name: "Three bars" }).locator("svg").first().waitFor()
  expect(Math.max(...scripts.values())).toBeGreaterThan(500_000)
  expect(await seriousFindings(page.locator(".rl-chart"))).toEqual([])
})

test("what 00-welcome needs of our scripts is at most 300 KB", async () => {
  let watched: ReturnType<typeof watchScripts> | undefined
  const fresh = await openPage(lab, {}, (page) => {
    watched = watchScripts(page)
  })
  await openNotebook(fresh, "notebooks/00-welcome.ipynb")
  await fresh.context().close()
  const { scripts, workers } = watched as NonNullable<typeof watched>
  const bytes = [...scripts]
    .filter(([file]) => !workers.includes(file))
    .reduce((sum, [, size]) => sum + size, 0)
  expect(bytes).toBeGreaterThan(10_000)
  expect(bytes).toBeLessThanOrEqual(300_000)
})

test("every kind of output opens in a saved notebook without a kernel", async () => {
  await openWithoutKernel(page, "notebooks/others.ipynb")
  for (const name of [/^Recording: Everything/, /^Exercise:/, /^Experiment:/])
    await page.getByRole("group", { name }).waitFor()
})

const KEYS = {
  trap: "t",
  interrupt: "i",
  fault: "f",
  "ring change": "r",
  "port access": "o",
  "CR3 write": "c",
}

test.each(Object.entries(KEYS))("next and previous %s are found, by key and by button", async (word, key) => {
  const recording = page.getByRole("group", { name: "Recording: Everything" })
  const { marks, steps } = everything().timeline
  const ofKind = marks.filter(([, kind]) => kind === Object.keys(KEYS).indexOf(word)).map(([step]) => step)
  const slider = recording.getByRole("slider", { name: "Step" })
  const shows = (step: number) => stepWhere(recording, (now) => now === step)
  await slider.focus()
  await page.keyboard.press("Home")
  await shows(0)
  await page.keyboard.press(key)
  await shows(ofKind[0])
  await page.keyboard.press("End")
  await shows(steps)
  await page.keyboard.press(key.toUpperCase())
  await shows(ofKind.filter((step) => step < steps).at(-1) ?? -1)
  await recording.getByRole("button", { name: "Start" }).click()
  const kind = MARK_KINDS[Object.keys(KEYS).indexOf(word)]
  await recording.getByRole("combobox", { name: "Kind of event" }).selectOption(kind)
  await recording.getByRole("button", { name: `Next ${word}`, exact: true }).click()
  await shows(ofKind[0])
})

test("scrubbing announces the step's sentence, and why it faulted", async () => {
  const recording = page.getByRole("group", { name: "Recording: Everything" })
  await recording.getByRole("slider", { name: "Step" }).focus()
  const live = recording.locator("[aria-live]")
  const heard = (hasText: string) => live.filter({ hasText }).waitFor({ state: "attached" })
  await page.keyboard.press("Home")
  await heard("Before the first step: the machine is in ring 0")
  await page.keyboard.press("f")
  await heard("Ring 3 tried “cli”")
  expect(await live.textContent()).toContain("Fault #GP(0): CLI needs CPL ≤ IOPL, but CPL is 3 and IOPL is 0")
})

test("an exercise is answered with the keyboard alone, without a kernel", async () => {
  const asked = page.getByRole("group", { name: /^Exercise:/ })
  await asked.getByRole("radio").first().focus()
  await page.keyboard.press("ArrowDown")
  await page.keyboard.press("Tab")
  await page.keyboard.press("Enter")
  await asked.getByText(/✓ Right|✗ Not yet/).waitFor()
})

test("an experiment is changed with the keyboard alone, without a kernel", async () => {
  const experiment = page.getByRole("group", { name: /^Experiment:/ })
  const sentence = () => experiment.locator(".rl-sentence").innerText()
  const slider = experiment.getByRole("slider").first()
  await slider.focus()
  const before = await sentence()
  await page.keyboard.press("Home")
  await expect.poll(sentence).not.toBe(before)
})

test("an answer is there again after a reload, and the verdict on the one before is no verdict on it", async () => {
  const asked = page.getByRole("group", { name: /^Exercise:/ })
  const verdict = asked.locator(".rl-feedback strong")
  await asked.getByRole("radio", { checked: true }).press("Enter")
  await verdict.filter({ hasText: /^(✓ Right|✗ Not yet)\. $/ }).waitFor()
  const last = (await asked.getByRole("radio").last().getAttribute("value")) ?? ""
  await asked.getByRole("radio").last().check()
  await verdict.filter({ hasText: "(the answer before)" }).waitFor()
  expect(await seriousFindings(asked)).toEqual([])
  const saved = () =>
    JSON.parse(readFileSync(join(lab.root, "notebooks/others.ipynb"), "utf8")).metadata.ringlab
  await expect.poll(() => saved()?.answers["traps/gate 8"]?.[1], { timeout: 10_000 }).toBe(last)
  await page.reload()
  await restored(page)
  await openWithoutKernel(page, "notebooks/others.ipynb")
  await expect.poll(() => asked.getByRole("radio").last().isChecked()).toBe(true)
})

test("a table with sentences fits a narrow window", async () => {
  await page.setViewportSize({ width: 900, height: 900 })
  await page.evaluate(() => jupyterapp.commands.execute("filebrowser:activate"))
  await openWithoutKernel(page, "notebooks/narrow.ipynb")
  const experiment = page.getByRole("group", { name: "Experiment: Four kinds of instruction" })
  await experiment.getByText("#GP: HLT needs CPL 0").waitFor()
  expect(await experiment.evaluate((node) => node.scrollWidth - node.clientWidth)).toBe(0)
  expect(await seriousFindings(experiment)).toEqual([])
  await screenshot(page, "saved-narrow-table")
})

describe("outputs that mean harm", () => {
  let foreign: readonly string[]
  const save = (name: string, bundles: readonly Record<string, unknown>[]) =>
    writeFileSync(join(lab.root, "notebooks", name), notebookWith(...bundles))
  const figures = (all: Readonly<Record<string, object>>) =>
    Object.values(all).map((figure) => ({ "application/vnd.plotly.v1+json": figure, "text/plain": "" }))

  /** Bring each output into sight, and wait until it is drawn or says why not. */
  async function lookAt(outputs: number): Promise<void> {
    for (let nth = 0; nth < outputs; nth++) {
      const output = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output").nth(nth)
      await output.scrollIntoViewIfNeeded()
      await output
        .locator(".rl-chart svg.main-svg, .rl-picture svg, .rl-heading, .rl-controls")
        .or(output.getByText("cannot be"))
        .first()
        .waitFor()
    }
  }

  beforeAll(async () => {
    await page.setViewportSize({ width: 1280, height: 900 })
    foreign = watchForeign(page, lab.url)
  })

  test("figures that name foreign places are drawn, and nothing leaves for there", async () => {
    save("fetching.ipynb", figures(FETCHING))
    await openWithoutKernel(page, "notebooks/fetching.ipynb")
    await lookAt(Object.keys(FETCHING).length)
    await page.waitForLoadState("networkidle")
    await screenshot(page, "saved-fetching")
    expect(foreign).toEqual([])
  })

  test("texts of our own outputs lead to no request either", async () => {
    const outputs = harmfulOutputs()
    save("harmful.ipynb", outputs)
    await openWithoutKernel(page, "notebooks/harmful.ipynb")
    await lookAt(outputs.length)
    await page.waitForLoadState("networkidle")
    await screenshot(page, "saved-harmful")
    expect(foreign).toEqual([])
  })

  test("figures that would be drawn for ever are drawn in part, or refused in a sentence", async () => {
    save("endless.ipynb", figures(ENDLESS))
    await openWithoutKernel(page, "notebooks/endless.ipynb")
    await lookAt(Object.keys(ENDLESS).length)
    await page
      .locator(".rl-sorry", { hasText: "figure.data should be a list of at most 100 items" })
      .or(page.locator(".rl-sorry", { hasText: "the figure should be one with at most 20 axes" }))
      .first()
      .waitFor()
    await screenshot(page, "saved-endless")
  }, 150_000)
})
