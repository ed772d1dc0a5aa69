import { isDeepStrictEqual } from "node:util"
import { ASSIGNMENT, Course } from "../grading/course.ts"
import { ALONE, MISTAKEN, SUBMISSIONS } from "../grading/submissions.ts"

/** A submission with something right and something wrong in it. */
const STUDENT = "partly"

/** What went wrong in the graded notebook, for whoever looks for the reason. */
const errors = (course) =>
  course
    .graded(STUDENT)
    .cells.flatMap(({ id, outputs = [] }) => outputs.map((output) => ({ id, ...output })))
    .filter(({ output_type, name }) => output_type === "error" || name === "stderr")
    .map(({ id, ename, evalue, text }) => `${id}: ${ename ?? text} ${evalue ?? ""}`)

/**
 * Grades one submission again and again, and once those of which `npm test` grades the cells without nbgrader, or several faults
 * in one notebook.
 */
export async function autograde(tries) {
  return [...(await again(tries)), ...(await once())]
}

async function once() {
  const course = new Course()
  try {
    const students = Object.entries({ ...MISTAKEN, ...ALONE })
    await course.handedIn(Object.fromEntries(students.map(([student, { work }]) => [student, work])))
    await course.nbgrader("autograde", ASSIGNMENT)
    const scores = await course.scores()
    return students.map(([student, wanted]) => ({
      what: `the scores of the submission "${student}"`,
      result: JSON.stringify(scores[student]),
      good: isDeepStrictEqual(scores[student], wanted.scores),
    }))
  } finally {
    course.close()
  }
}

/**
 * Grades the same submission again and again: the scores must never change.
 * @param {number} [tries] how often
 */
async function again(tries = 50) {
  const course = new Course()
  try {
    await course.handedIn({ [STUDENT]: SUBMISSIONS[STUDENT].work })
    const right = JSON.stringify(SUBMISSIONS[STUDENT].scores)
    let same = 0
    for (let n = 1; n <= tries; n++) {
      await course.nbgrader("autograde", ASSIGNMENT, "--force")
      const scores = JSON.stringify((await course.scores())[STUDENT])
      if (scores === right) same++
      console.log(`  ${n} of ${tries}: ${scores}`, ...(scores === right ? [] : errors(course)))
    }
    return [{ what: "autogrades with the same scores", result: `${same} of ${tries}`, good: same === tries }]
  } finally {
    course.close()
  }
}
