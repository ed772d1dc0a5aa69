import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { type Case, readCases } from "../oracles/qemu-devices/cases"
import { CHIPS, fileOf } from "../oracles/qemu-devices/files"
import { ours } from "../oracles/qemu-devices/play"

const read = (name: string) => readFileSync(fileOf(name), "utf8")

/** What data sheets want, by chip and name. */
const byDataSheet = new Map(
  read("data-sheet")
    .split("\n")
    .filter((line) => line.includes(" | ") && !line.startsWith("#"))
    .map((line) => line.split(" | "))
    .map(([name, answers]) => [name, answers.trim()]),
)
const cases = (chip: string) => readCases(read(chip))
const nameOf = (chip: string, { name }: Case) => `${chip}, ${name}`
const all = new Map(
  CHIPS.flatMap((chip) => cases(chip).map((each) => [nameOf(chip, each), each.answers] as const)),
)

describe("devices answer as QEMU's do, or as the data sheet wants where QEMU departs from it", () => {
  describe.each(CHIPS)("%s:", (chip) => {
    test.each(cases(chip).map((each) => [each.name, each] as const))("%s", (_, each) => {
      expect(ours(each), each.text).toBe(byDataSheet.get(nameOf(chip, each)) ?? each.answers)
    })
  })

  test("each case has QEMU's answer", () => {
    expect([...all].filter(([, answers]) => answers === "")).toEqual([])
  })

  test("a data sheet overrules QEMU only where QEMU says something else", () => {
    const idle = [...byDataSheet].filter(([name, wanted]) => [undefined, wanted].includes(all.get(name)))
    expect(idle).toEqual([])
  })

  test("no file of answers is left over", () => {
    const files = readdirSync(new URL("../vectors/qemu-devices/", import.meta.url))
    const known = [...CHIPS, "data-sheet"].map((name) => `${name}.txt`)
    expect(files.filter((name) => name.endsWith(".txt")).sort()).toEqual(known.sort())
  })
})

test.each([
  ["a line without steps", "name", /^"name" has no/],
  ["a name that comes twice", "name | in 20\nname | in 21", /^two cases are called "name"$/],
  ["a step that there is not", "name | on 20", /^"on 20" is no step/],
  ["a value that is no byte", "name | out 20 100", /^"100" is no hexadecimal number up to ff$/],
  ["a time that is no number", "name | wait a", /^"a" is no decimal number/],
])("%s is refused", (_, file, why) => {
  expect(() => readCases(file)).toThrow(why)
})

const isHere = spawnSync("qemu-system-i386", ["--version"]).status === 0

test.runIf(isHere)(
  "the installed QEMU's devices say the same again, or it is printed where another version's differ",
  { timeout: 300_000 },
  () => {
    const script = fileURLToPath(new URL("../oracles/qemu-devices.mjs", import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" })
    console.log(stdout.trim())
    expect(status, stdout + stderr).toBe(0)
  },
)
