import { describe, expect, test } from "vitest"
import { explore } from "../../src/experiments/show"
import { type Change, Lesson } from "./lesson"

const lesson = new Lesson("03-traps")

describe("what the lesson on traps says besides", () => {
  test.each([
    ["fault-or-trap-cell", 30, /div ecx.*#DE/],
    ["mistake-error-code", 38, /iretd.*#GP\(1564h\).*general_protection/],
  ])("%s, step %i", (code, step, sentence) => {
    expect(lesson.sentence(code, step)).toMatch(sentence)
  })

  test("the EIP that the refused INT 13 leaves in EBX is its own", () => {
    const register = (step: number, name: string) =>
      lesson
        .recording("gate-dpl-cell")
        .frame(step)
        .registers.find((cell) => cell.name === name)?.value
    expect(register(25, "EBX")).toBe(register(22, "EIP"))
  })

  test("a fault saves EFLAGS with RF, a trap without", () => {
    const saved = (id: string, step: number) =>
      lesson
        .recording(id)
        .frame(step)
        .stack.find(({ note }) => note?.startsWith("EFLAGS"))?.value
    expect([saved("gate-dpl-cell", 23), saved("system-call-cell", 25)]).toEqual([0x10002, 2])
  })

  test("the timer ticks every 19,360 cycles, and 16,050 of the first go to five port accesses", () => {
    const run = lesson.recording("device-interrupt-cell")
    const cycles = (step: number) => run.frame(step).cycles
    const [first, second] = run.timeline.marks.filter(([, kind]) => kind === 1).map(([step]) => step)
    expect(cycles(second - 1).total - cycles(first - 1).total).toBe(19_360)
    const accesses = Array.from({ length: 18 }, (_, n) => Object.fromEntries(cycles(20 + n).step)).filter(
      ({ port }) => port !== undefined,
    )
    expect(accesses).toEqual(Array(5).fill({ work: 1, port: 3209 }))
    expect(lesson.sentence("device-interrupt-cell", 19)).toMatch(/wrote 02h to port 040h \(pit\)/)
  })

  test.each([
    ["lowered by IN", [], 15],
    ["never lowered", [["    host.interrupt(5, false) ", "    // "]], 1],
  ] as const)("an alarm that rings for ever, its line %s, is heard so often", (_, changes, times) => {
    const forEver = [
      ["// raise line 5\n", "// raise line 5\n    host.after(8000, 0)\n"],
      ["je application ", "jmp application "],
    ] as const
    const changed = new Lesson("03-traps", { "own-device-cell": [...forEver, ...changes] })
    const run = changed.recording("own-device-cell")
    expect(run.timeline.marks.filter(([, kind]) => kind === 1)).toHaveLength(times)
  })

  test("with 1 in ECX the second division succeeds", () => {
    const mended: Change = ["divide_error:\n", "divide_error:\n  mov ecx, 1\n"]
    const changed = new Lesson("03-traps", { "fault-or-trap-cell": [mended] })
    expect(changed.value("fault-or-trap-count").divisions).toBe(1)
  })

  test("with a divisor of 160 the timer's handler leaves nothing, and with 170 it does", () => {
    const said = (divisor: number) =>
      explore("traps/timer", { divisor, length: 500, clock: "33 MHz" }).result.sentence
    expect(said(160)).toMatch(
      /every 4,425 cycles\. Handling one takes 4,491 cycles, so the next is waiting already/,
    )
    expect(said(170)).not.toContain("waiting already")
  })

  test("the frame has EIP on top and SS at the bottom", () => {
    const what = lesson.value("frame-cell").map((row: { what: string }) => row.what)
    expect(what).toEqual(["EIP", "CS (ring 3)", "EFLAGS", "ESP", "SS (ring 3)"])
  })

  test("one breakpoint is counted, and a division every third step from step 27 to 200", () => {
    expect(lesson.value("fault-or-trap-count")).toEqual({ breakpoints: 1, divisions: 58 })
  })

  test("an interrupt gate clears IF, a trap gate does not, and IRET gives it back", () => {
    expect(lesson.value("interrupt-flag-cell")).toEqual([
      { gate: "interrupt", "in the application": 1, "in the handler": 0, "after IRET": 1 },
      { gate: "trap", "in the application": 1, "in the handler": 1, "after IRET": 1 },
    ])
  })

  test("steps 24 to 26, 30 and 31 cost what it says", () => {
    expect(lesson.value("price-cell")).toEqual([
      { step: 24, work: 1 },
      { step: 25, work: 1, gate: 540 },
      { step: 26, work: 1 },
      { step: 30, work: 1, port: 3209 },
      { step: 31, work: 1, gate: 450 },
    ])
  })

  test("without the end of interrupt no second one is taken, and the timer's request waits", () => {
    const silent = lesson.recording("mistake-eoi")
    expect(silent.timeline.marks.filter(([, kind]) => kind === 1)).toHaveLength(1)
    const last = silent.frame(silent.steps).devices
    const register = (name: string) => last.find((cell) => cell.name === name)?.value
    expect([register("pic.first.isr"), register("pic.first.irr")]).toEqual([1, 1])
  })

  test("between steps 32 and 39 the kernel runs, and the application is in three instructions", () => {
    const run = lesson.recording("illegal-access-cell")
    const rings = Array.from({ length: 8 }, (_, n) => run.frame(32 + n).ring)
    expect(rings).toEqual([0, 0, 0, 0, 0, 0, 0, 3])
  })
})
