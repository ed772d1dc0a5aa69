import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { inProject } from "../kernel/launch/places.mjs"
import { CURRENT_NODE, NODE_VERSIONS, nodeProgram } from "./node-versions"

test("the current long-term release of Node.js can be had, and says that it is one", async () => {
  const question = "process.versions.node.split('.')[0] + ' ' + (process.release.lts !== undefined)"
  const answer = execFileSync(await nodeProgram(CURRENT_NODE), ["-p", question], { encoding: "utf8" })
  expect(answer.trim()).toBe(`${CURRENT_NODE} true`)
})

test("the oldest Node.js that is supported is the one that package.json, README.md and the wheel name", () => {
  const [oldest] = NODE_VERSIONS
  const { engines } = JSON.parse(readFileSync(inProject("package.json"), "utf8"))
  expect(engines.node).toMatch(new RegExp(`^>=${oldest}\\b`))
  expect(readFileSync(inProject("README.md"), "utf8")).toContain(`Node.js ${oldest}`)
  expect(readFileSync(inProject("kernel", "package", "start.py"), "utf8")).toContain(
    `OLDEST_NODE = ${oldest}\n`,
  )
})
