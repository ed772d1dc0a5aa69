import { describe, expect, test } from "vitest"
import { type Claim, claimedSteps, Lesson } from "./lesson"

const WELCOME: readonly Claim[] = [
  ["look", "first-program", 22, /iretd”\. It went to “application” in ring 3/],
  ["look", "first-program", 33, /cli.*#GP\(0\): CLI needs CPL ≤ IOPL.*handler “refused”, now in ring 0/],
]

const RINGS: readonly Claim[] = [
  ["cpl-notice", "walk-outwards", 22, /It went to “ring1” in ring 1/],
  ["cpl-notice", "walk-outwards", 32, /It went to “ring2” in ring 2/],
  ["cpl-notice", "walk-outwards", 42, /It went to “ring3” in ring 3/],
  ["cpl-notice", "walk-outwards", 44, /jmp.*#GP\(0008h\).*“refused”, now in ring 0/],
  ["cpl-notice", "walk-outwards", 45, /Ring 0 ran “hlt”/],
  ["segments-notice", "load-segments", 15, /mov es, eax”\. ES changed/],
  ["segments-notice", "load-segments", 17, /#GP\(0010h\): ES = 0013h.*still in ring 0/],
  ["segments-notice", "load-segments", 31, /mov fs, eax”\. FS changed/],
  ["segments-notice", "load-segments", 33, /#GP\(0010h\): FS = 0010h.*now in ring 0/],
  ["segments-notice", "load-segments", 38, /mov es, eax/],
  ["control-notice", "control-registers", 14, /EAX changed from [0-9A-F]+h to 00000011h/],
  ["control-notice", "control-registers", 16, /CR0 changed from 00000011h to 00000019h/],
  ["control-notice", "control-registers", 26, /smsw ebx”\. EBX changed from 00000000h to 00000019h/],
  ["control-notice", "control-registers", 27, /#GP\(0\): MOV from CR needs CPL 0, but CPL is 3/],
  ["popf-notice", "popf-in-ring-0", 25, /IF changed from 1 to 0/],
  ["popf-notice", "popf-in-ring-1", 25, /Silently, IF stays 1, though 0 was popped/],
  ["ports-notice", "ports", 25, /wrote 6Fh to port 3F8h/],
  ["ports-notice", "ports", 27, /wrote 6Bh to port 3F8h/],
  ["ports-notice", "ports", 29, /#GP\(0\): port 03F9h/],
]

describe.each([
  ["00-welcome", WELCOME],
  ["02-rings", RINGS],
] as const)("what %s says of its steps", (name, claims) => {
  const lesson = new Lesson(name)

  test.each(claims)("is so: %s, %s, step %i", (_, code, step, sentence) => {
    expect(lesson.sentence(code, step)).toMatch(sentence)
  })

  test("is claimed here, each step of each text", () => {
    expect(claimedSteps(claims)).toEqual(expect.arrayContaining([...lesson.namedSteps]))
    expect(lesson.namedSteps).toEqual(expect.arrayContaining(claimedSteps(claims)))
  })
})

test("in the welcome the application goes on behind CLI", () => {
  expect(new Lesson("00-welcome").sentence("first-program", 36)).toMatch(
    /iretd”\. It went to “allowed” in ring 3/,
  )
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
