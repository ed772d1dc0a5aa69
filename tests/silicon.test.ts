import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { formOf, formsToMeet } from "./oracles/replay/coverage"
import { differences } from "./oracles/replay/differences"
import { Stage, startOf } from "./oracles/replay/stage"
import { readVector } from "./oracles/replay/vector"

const FOLDER = new URL("vectors/silicon/", import.meta.url)
/** Differences that one failing test shows; the count tells the rest. */
const SHOWN = 20

describe("one instruction in ring 3 does what it did on a real processor", () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".txt"))
  const lines = (name: string) =>
    readFileSync(new URL(name, FOLDER), "utf8")
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("#"))

  test("at least 10,000 vectors are kept", () => {
    expect(files.reduce((sum, name) => sum + lines(name).length, 0)).toBeGreaterThanOrEqual(10_000)
  })

  test("each form that ring 3 can run has at least 10 vectors", () => {
    const counts = new Map(formsToMeet().map((form) => [form, 0]))
    for (const line of files.flatMap(lines)) {
      const form = formOf(readVector(line))
      if (form !== undefined && counts.has(form)) counts.set(form, (counts.get(form) as number) + 1)
    }
    expect([...counts].filter(([, count]) => count < 10)).toEqual([])
  })

  test.each(files)("%s", (name) => {
    const stage = new Stage()
    const failures = lines(name).flatMap((line) => {
      const vector = readVector(line)
      const start = startOf(vector)
      const found = differences(vector, start, stage.play(start))
      return found.length ? [`${line}\n    ${found.join("; ")}`] : []
    })
    expect(failures.slice(0, SHOWN), `${failures.length} vectors differ`).toEqual([])
  })
})
