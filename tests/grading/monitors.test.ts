import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { inProject } from "../../kernel/launch/places.mjs"
import { KernelUnderTest, printed } from "../kernel/client"
import { pointsOf } from "./attacked"
import type { Cell, Scores } from "./course"

// The assignment in which a student's functions are monitors, in one kernel.
let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start({}, {}, ["--grading"])
})
afterAll(() => kernel.stop())

const file = inProject("notebooks", "assignment", "source", "monitors", "monitors.ipynb")
const { cells }: { cells: readonly Cell[] } = JSON.parse(readFileSync(file, "utf8"))
const sourceOf = (id: string) => [cells.find((cell) => cell.id === id)?.source ?? ""].flat().join("")

/** The points of the tests after these answers, in place of the solutions. */
async function scoresWith(answers: Readonly<Record<string, string>> = {}): Promise<Scores> {
  const scores: Record<string, number> = {}
  for (const { id, cell_type } of cells) {
    if (cell_type !== "code") continue
    const ran = await kernel.run(answers[id] ?? sourceOf(id))
    if (id.endsWith("-test")) scores[id] = pointsOf(ran)
  }
  return scores
}

/** A solution with a mistake in it. */
const mistaken = (id: string, part: string, instead: string) => {
  const source = sourceOf(id)
  expect(source).toContain(part)
  return source.replace(part, instead)
}

describe("the assignment on monitors", () => {
  test("gives all points to its own solutions, whose attempts in the notebook are right, too", async () => {
    expect(await scoresWith()).toEqual({ "emulate-test": 3, "reflect-test": 4, "mend-test": 3 })
  })

  test("gives no points to monitors that look right, and says what a guest saw", async () => {
    const scores = await scoresWith({
      emulate: mistaken("emulate", 'if (cpu.ring === 3) return "fault"', ""),
      reflect: mistaken("reflect", "cpu.ring === 3 ? [cpu.ss, cpu.esp] : []", "[cpu.ss, cpu.esp]"),
      mend: mistaken("mend", '"io-in") return "device"', '"io-in") return "nothing"'),
    })
    expect(scores).toEqual({ "emulate-test": 0, "reflect-test": 0, "mend-test": 0 })
    expect(printed(await kernel.run(`console.log(${sourceOf("q3-try")})`))).toContain("A guest hangs")
  })

  test("has no points for a function that never ends, once the cell's time is over, and grades what comes after", async () => {
    await kernel.run("function emulate(): string { for (;;); }")
    const id = kernel.submit(sourceOf("emulate-test"))
    setTimeout(() => void kernel.ask("interrupt_request", {}, "control"), 2000)
    expect(pointsOf(await kernel.finished(id))).toBe(0)
    await kernel.run(sourceOf("reflect"))
    expect(pointsOf(await kernel.run(sourceOf("reflect-test")))).toBe(4)
  })
})
