import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { inProject } from "../kernel/launch/places.mjs"
import { CURRENT_NODE, NODE_VERSIONS, nodeProgram } from "./node-versions"

test("the newest Node.js that is supported can be had, and says that it is a long-term release", async () => {
  const question = "process.versions.node.split('.')[0] + ' ' + (process.release.lts !== undefined)"
  const answer = execFileSync(await nodeProgram(CURRENT_NODE), ["-p", question], { encoding: "utf8" })
  expect(answer.trim()).toBe(`${Math.max(...NODE_VERSIONS)} true`)
})

test("package.json, README.md, CONTRIBUTING.md and the wheel name the versions of Node.js that are supported", () => {
  const [oldest, ...newer] = NODE_VERSIONS
  const read = (...path: string[]) => readFileSync(inProject(...path), "utf8")
  const listed = `Node.js ${oldest}, ${newer.join(" and ")}`
  expect(JSON.parse(read("package.json")).engines.node).toMatch(new RegExp(`^\\^${oldest}\\.`))
  expect(JSON.parse(read("kernel", "package.json")).engines.node).toBe(`>=${oldest}`)
  expect([read("README.md"), read("CONTRIBUTING.md")].filter((text) => !text.includes(listed))).toEqual([])
  expect(read("kernel", "package", "start.py")).toContain(`OLDEST_NODE = ${oldest}\n`)
})
