import { describe, expect, test } from "vitest"
import { Lesson } from "./lesson"

test("in the welcome both HLT are the same byte", () => {
  const lesson = new Lesson("00-welcome")
  const at = "program.bytes[program.labels.refused - program.origin - 1]"
  expect([lesson.run(at), lesson.run("program.bytes.at(-1)")]).toEqual([0xf4, 0xf4])
})

describe("what the lesson on rings says besides", () => {
  const lesson = new Lesson("02-rings")

  test("the selectors that the walk leaves are those of the text", () => {
    const registers = lesson.recording("walk-outwards").frame(45).registers
    const value = (name: string) => registers.find((cell) => cell.name === name)?.value
    expect([value("EBP"), value("EBX"), value("ECX")]).toEqual([0x19, 0x2a, 0x3b])
  })

  test("leaving ring 0 takes its segments away from FS and GS", () => {
    const { changes } = lesson.recording("walk-outwards").frame(22)
    const nulls = changes.filter(({ what, value }) => what === "segment" && value === "0000h")
    expect(nulls.map(({ name }) => name)).toEqual(["FS", "GS"])
  })

  test("of the ten instructions five run everywhere", () => {
    const table: Record<string, string>[] = lesson.value("build-the-table")
    const everywhere = table.filter((row) =>
      Object.values(row)
        .slice(1)
        .every((word) => word === "runs"),
    )
    expect(everywhere.map(({ instruction }) => instruction)).toEqual([
      "add eax, 5",
      "push eax",
      "smsw eax",
      "sgdt [esp - 8]",
      "pushfd",
    ])
  })
})
