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
  return (await recording.locator(".rl-saying svg.rl").getAttribute("aria-label")) ?? ""
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

/** What axe-core finds serious or critical within one part of the page. */
export async function seriousFindings(part: Locator): Promise<Finding[]> {
  await part.page().evaluate(readFileSync(axeFile, "utf8"))
  return part.evaluate(async (element) => {
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run(element)
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    return serious.map(({ id, impact, nodes }) => ({ rule: id, impact, where: nodes[0].html.slice(0, 200) }))
  })
}

/** axe-core as it puts itself into the page, as far as it is used here. */
interface Axe {
  run(
    part: unknown,
  ): Promise<{ violations: { id: string; impact: string | null; nodes: { html: string }[] }[] }>
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
