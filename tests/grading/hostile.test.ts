import { beforeAll, describe, expect, test } from "vitest"
import { gradeHostileClass, type HostileClass } from "./hostile"
import { ALONE, MISTAKEN } from "./submissions"

// Under this Node only; `npm run soak -- attacks` tries every version under which the kernel grades.
let graded: HostileClass
beforeAll(async () => {
  graded = await gradeHostileClass()
}, 600_000)

describe("a class of dishonest students under nbgrader", () => {
  test("comes through with no attack", () => {
    expect(graded.through).toEqual({})
  })

  test("gets points for right answers only", () => {
    const { attacks, disturbs, patterns } = graded.scores
    expect(attacks).toEqual(MISTAKEN.wrong.scores)
    expect([disturbs, patterns]).toEqual([ALONE.right.scores, ALONE.right.scores])
  })

  test("has no link collected, and none graded", () => {
    expect(graded.collected).toEqual([])
    expect(graded.refusal).toMatch(/notes\.txt is a link, or no file: this submission is not graded\./)
    expect(graded.scores.linked).toBeUndefined()
  })
})
