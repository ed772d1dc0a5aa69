/** Our outputs as a reader finds them on the page: by role and name. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Locator, Page } from "playwright-core"

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js")

/** A recording in the notebook in front, the first unless said otherwise. */
export function recordingOn(page: Page, nth = 0): Locator {
  return page.getByRole("group", { name: /^Recording:/ }).nth(nth)
}

/** An exercise, by its place in the notebook. */
export function exerciseOn(page: Page, nth = 0): Locator {
  return page.getByRole("group", { name: /^Exercise:/ }).nth(nth)
}

/** What the picture of a recording says of its step: "Step 3, ring 0. …". */
export async function sayingOf(recording: Locator): Promise<string> {
  return (await recording.locator("svg.rl").getAttribute("aria-label")) ?? ""
}

/** The step that the picture shows. */
export async function stepOf(recording: Locator): Promise<number> {
  return Number((await sayingOf(recording)).match(/Step (\d+),/)?.[1])
}

/** Wait until the picture shows a step for which this holds, and give the step. */
export async function stepWhere(recording: Locator, holds: (step: number) => boolean): Promise<number> {
  for (let tries = 0; tries < 400; tries++) {
    const step = await stepOf(recording)
    if (holds(step)) return step
    await recording.page().waitForTimeout(25)
  }
  throw new Error(`The recording still shows: ${await sayingOf(recording)}`)
}

/** Move the scrubber to a step, as a hand with a mouse does: by its value and an input event. */
export async function scrubTo(recording: Locator, step: number): Promise<void> {
  await recording.getByRole("slider", { name: "Step" }).evaluate((slider, step) => {
    const input = slider as HTMLInputElement
    input.value = String(step)
    input.dispatchEvent(new Event("input", { bubbles: true }))
  }, step)
}

/** A finding of axe-core, short. */
export interface Finding {
  readonly rule: string
  readonly impact: string | null
  readonly where: string
}

/** What axe-core finds serious or critical within a part of the page. */
export async function seriousFindings(page: Page, selector: string): Promise<Finding[]> {
  await page.evaluate(readFileSync(axeFile, "utf8"))
  return page.evaluate(async (selector) => {
    // biome-ignore lint/suspicious/noExplicitAny: axe puts itself into the page as a global
    const { violations } = await (globalThis as any).axe.run({ include: [[selector]] })
    // biome-ignore lint/suspicious/noExplicitAny: the same
    const serious = violations.filter((one: any) => one.impact === "serious" || one.impact === "critical")
    // biome-ignore lint/suspicious/noExplicitAny: the same
    return serious.map((one: any) => ({
      rule: one.id,
      impact: one.impact,
      where: one.nodes[0].html.slice(0, 200),
    }))
  }, selector)
}

/** Bytes of our extension's JavaScript that the page fetches from now on, by file; the worker's file is told by its maker. */
export function watchScripts(page: Page): {
  readonly scripts: Map<string, number>
  readonly workers: string[]
} {
  const scripts = new Map<string, number>()
  const workers: string[] = []
  page.on("worker", (worker) => workers.push(fileOf(worker.url())))
  page.on("response", async (response) => {
    if (!response.url().includes("/ringlab-lessons/") || !/\.js(\?|$)/.test(response.url())) return
    const body = await response.body().catch(() => Buffer.alloc(0))
    scripts.set(fileOf(response.url()), body.length)
  })
  return { scripts, workers }
}

function fileOf(url: string): string {
  return new URL(url).pathname.split("/").pop() ?? url
}
