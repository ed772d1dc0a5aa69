import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { ASSIGNMENT, type Cell, Course, type Scores } from "./course"
import { SUBMISSIONS } from "./submissions"

const FIVE_MINUTES = 300_000
/** Two patterns of names, so that two processors have something to do. */
const HALVES = ["[a-n]*", "[o-z]*"]
const students = Object.keys(SUBMISSIONS)

let course: Course
let scores: Readonly<Record<string, Scores>>
beforeAll(async () => {
  course = new Course()
  await course.handedIn(Object.fromEntries(students.map((student) => [student, SUBMISSIONS[student].work])))
  await Promise.all(HALVES.map((half) => course.nbgrader("autograde", ASSIGNMENT, `--student=${half}`)))
  scores = await course.scores()
}, FIVE_MINUTES)
afterAll(() => course.close())

const sourceOf = ({ source }: Cell): string => [source].flat().join("")
const sources = (cells: readonly Cell[]): string => cells.map(sourceOf).join("\n")

describe("the example assignment under nbgrader", () => {
  test("is released without solutions and hidden tests", () => {
    const released = sources(course.released().cells)
    expect(released).toContain("YOUR CODE HERE")
    expect(released).not.toMatch(/SOLUTION|HIDDEN|grade\(|mov ebp, cs/)
  })

  test.each(students)("gives the %s submission its exact points", (student) => {
    expect(scores[student]).toEqual(SUBMISSIONS[student].scores)
  })

  test("shows feedback before the points", () => {
    const [graded] = course.graded("partly").cells.filter(({ id }) => id === "frame-test")
    expect(graded.outputs?.map(({ output_type }) => output_type)).toEqual([
      "display_data",
      "display_data",
      "display_data",
      "execute_result",
    ])
  })

  test("gives students a page with their points and what the checks said", async () => {
    await course.nbgrader("generate_feedback", ASSIGNMENT, "--student=partly")
    const said = ["(Score: 4.0 / 10.0)", "Not right: 0 of 1."]
    expect(said.filter((text) => course.feedback("partly").includes(text))).toEqual(said)
  })

  test("leaves the home directory as it was", () => {
    expect(course.home).toEqual([])
  })
})
