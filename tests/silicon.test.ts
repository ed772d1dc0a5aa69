import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { formOf, formsToMeet } from "./oracles/replay/coverage"
import {
  CODE,
  DATA,
  FLAGS,
  flagsOf,
  GENERAL,
  type Result,
  SEGMENTS,
  Stage,
  type Start,
  startOf,
  withMemory,
} from "./oracles/replay/stage"
import { undefinedBy } from "./oracles/replay/undefined"
import { readVector, type Vector } from "./oracles/replay/vector"

const FOLDER = new URL("vectors/silicon/", import.meta.url)
const ALL_FLAGS = Object.values(FLAGS).reduce((all, bit) => all | bit, 0)
/** Differences that one failing test shows; the count tells the rest. */
const SHOWN = 20

const hex = (value: number | undefined) => (value === undefined ? "?" : (value >>> 0).toString(16))
const flagNames = (bits: number) =>
  Object.entries(FLAGS)
    .filter(([, bit]) => bits & bit)
    .map(([name]) => name)
    .join(" ")

/** What the vector says of registers, or else what one expects of them: EIP goes on, all others stay. */
function expected(name: string, { bytes, after, fault }: Vector, start: Start): number {
  const said = after.numbers.get(name)
  if (said !== undefined) return said
  const before = start.numbers.get(name) as number
  return name === "eip" && !fault ? before + bytes.length : before
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  return a.findIndex((byte, index) => byte !== b[index])
}

/** Everything in which the machine differs from the processor, in words. */
function differences(vector: Vector, start: Start, result: Result): string[] {
  const found: string[] = []
  const unknown = undefinedBy(vector.bytes, start)
  if (result.fault !== vector.fault)
    found.push(`fault ${result.fault || "none"}, silicon ${vector.fault || "none"}`)
  for (const name of [...GENERAL, ...SEGMENTS, "eip"]) {
    const wanted = expected(name, vector, start)
    const differing = (wanted ^ (result.numbers.get(name) ?? -1)) & ~(unknown.bits.get(name) ?? 0)
    if (differing) found.push(`${name} ${hex(result.numbers.get(name))}, silicon ${hex(wanted)}`)
  }
  const wrongFlags = (result.flags ^ flagsOf(vector.after)) & ALL_FLAGS & ~unknown.flags
  if (wrongFlags) found.push(`flags differ: ${flagNames(wrongFlags)}`)
  const pages = [
    [DATA, start.data, result.data],
    [CODE, start.code, result.code],
  ] as const
  for (const [base, before, now] of pages) {
    const at = firstDifference(now, withMemory(before, vector.after, base))
    if (at >= 0) found.push(`[${hex(base + at)}] ${hex(now[at])}`)
  }
  return found
}

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
