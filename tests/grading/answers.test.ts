import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { inProject } from "../../kernel/launch/places.mjs"
import { KernelUnderTest } from "../kernel/client"
import { pointsOf } from "./attacked"
import { ASSIGNMENT, type Cell, type Scores } from "./course"
import { MISTAKEN } from "./submissions"

// In one kernel, since no more than answers differ. nbgrader.test.ts has what is a matter of nbgrader, and
// `npm run soak -- autograde` grades these with nbgrader, too.
let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start({}, {}, ["--grading"])
})
afterAll(() => kernel.stop())

const file = inProject("notebooks", "assignment", "source", ASSIGNMENT, `${ASSIGNMENT}.ipynb`)
const { cells }: { cells: readonly Cell[] } = JSON.parse(readFileSync(file, "utf8"))

/** Run all cells as the grading of one student does, and count the points of the tests. */
async function scoresOf(cells: readonly Cell[]): Promise<Scores> {
  const scores: Record<string, number> = {}
  for (const { id, source } of cells.filter(({ cell_type }) => cell_type === "code")) {
    const ran = await kernel.run([source].flat().join(""))
    if (id.endsWith("-test")) scores[id] = pointsOf(ran)
  }
  return scores
}

describe("the example assignment's tests", () => {
  test.each(Object.keys(MISTAKEN))("give the %s submission its exact points", async (student) => {
    const { work, scores } = MISTAKEN[student]
    expect(await scoresOf(work(cells))).toEqual(scores)
  })
})
