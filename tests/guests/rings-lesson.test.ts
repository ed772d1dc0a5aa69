import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { Lesson } from "./lesson"

describe("what the welcome says of its steps is so", () => {
  const lesson = new Lesson("00-welcome")

  test.each([
    [22, /iretd”\. It went to application in ring 3/],
    [33, /cli.*#GP\(0\): CLI needs CPL ≤ IOPL.*handler refused, now in ring 0/],
    [36, /iretd”\. It went to allowed in ring 3/],
  ])("step %i", (step, sentence) => {
    expect(lesson.sentence("first-program", step)).toMatch(sentence)
  })
})

describe("what the lesson on rings says of its steps is so", () => {
  const lesson = new Lesson("02-rings")

  test.each([
    ["walk-outwards", 22, /It went to ring1 in ring 1/],
    ["walk-outwards", 32, /It went to ring2 in ring 2/],
    ["walk-outwards", 42, /It went to ring3 in ring 3/],
    ["walk-outwards", 44, /jmp.*#GP\(0008h\).*refused, now in ring 0/],
    ["load-segments", 15, /mov es, eax”\. ES changed/],
    ["load-segments", 17, /#GP\(0010h\): ES = 0013h.*still in ring 0/],
    ["load-segments", 31, /mov fs, eax”\. FS changed/],
    ["load-segments", 33, /#GP\(0010h\): FS = 0010h.*now in ring 0/],
    ["load-segments", 38, /mov es, eax/],
    ["control-registers", 14, /EAX changed from [0-9A-F]+h to 00000011h/],
    ["control-registers", 16, /CR0 changed from 00000011h to 00000019h/],
    ["control-registers", 26, /smsw ebx”\. EBX changed from 00000000h to 00000019h/],
    ["control-registers", 27, /#GP\(0\): MOV from CR needs CPL 0, but CPL is 3/],
    ["popf-in-ring-0", 25, /IF changed from 1 to 0/],
    ["popf-in-ring-1", 25, /Silently, IF stays 1, though 0 was popped/],
    ["ports", 25, /wrote 6Fh to port 3F8h/],
    ["ports", 27, /wrote 6Bh to port 3F8h/],
    ["ports", 29, /#GP\(0\): port 03F9h/],
  ])("%s, step %i", (id, step, sentence) => {
    expect(lesson.sentence(id, step)).toMatch(sentence)
  })

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

test.each(["00-welcome", "02-rings"])("every step number in the text of %s is checked here", (name) => {
  const checked = readFileSync(fileURLToPath(import.meta.url), "utf8")
  for (const step of new Lesson(name).namedSteps)
    expect(checked, `step ${step}`).toMatch(new RegExp(`\\b${step}\\b`))
})
