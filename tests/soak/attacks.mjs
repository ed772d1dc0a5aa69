import { AttackedKernel } from "../grading/attacked.ts"
import { ATTACKS } from "../grading/attacks.ts"
import { gradeHostileClass } from "../grading/hostile.ts"
import { ALONE, MISTAKEN } from "../grading/submissions.ts"
import { NODE_VERSIONS, nodeProgram } from "../node-versions.ts"

/**
 * Every attack on grading, under every version of Node.js that the kernel grades with: cell by cell, and under nbgrader.
 * RINGLAB_NODE_20, _22 and _24 name other programs to try.
 */
export async function attacks() {
  const rows = []
  for (const version of NODE_VERSIONS) {
    const node = await nodeProgram(version)
    rows.push(await cellByCell(version, node), await underNbgrader(version, node))
    console.log(...rows.slice(-2).map(({ what, result }) => `  ${what}: ${result}\n`))
  }
  return rows
}

async function cellByCell(version, node) {
  const attacked = await AttackedKernel.start(node)
  const through = []
  for (const name of Object.keys(ATTACKS)) {
    const outcome = await attacked.attempt(name)
    if (outcome.through !== undefined) through.push(`${name} ${outcome.through}`)
  }
  await attacked.stop()
  return row(`Node.js ${version}, cell by cell`, through)
}

async function underNbgrader(version, node) {
  const { through, scores, collected } = await gradeHostileClass(node)
  const { wrong, right } = { ...MISTAKEN, ...ALONE }
  const expected = JSON.stringify({ attacks: wrong.scores, disturbs: right.scores, patterns: right.scores })
  const found = JSON.stringify(scores, Object.keys({ ...scores, ...wrong.scores }).sort())
  const sorted = JSON.stringify(JSON.parse(expected), Object.keys({ ...scores, ...wrong.scores }).sort())
  return row(`Node.js ${version}, a class under nbgrader`, [
    ...Object.entries(through).map((entry) => entry.join(" ")),
    ...collected,
    ...(found === sorted ? [] : [`other scores: ${found}`]),
  ])
}

const row = (what, through) => ({
  what,
  result: through.length === 0 ? "no attack came through" : through.join("; "),
  good: through.length === 0,
})
