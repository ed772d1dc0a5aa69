import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { asm, type DeviceHost, grade, pc, record, replay, type Span } from "../../src/index"

const EAX = 0

/** Gives out a number, one more each time. */
const counter = () => ({
  name: "counter",
  state: { count: 6 },
  ports: [[0x300, 0x300]] as Span[],
  in(_port: number, _size: number, _host: DeviceHost) {
    this.state.count += 1
    return this.state.count
  },
})
const program = asm`
  mov dx, 0x300
  in eax, dx
  in eax, dx
  hlt`

/** What a graded cell gets of a recording of the program. */
function recorded() {
  const output = record(pc({ devices: [counter()] }).load(program)).output()
  return structuredClone(output) as typeof output & { recording: { run: Record<string, unknown> } }
}

describe("replay", () => {
  test("gives the machine as the student's device left it, without its code", () => {
    expect(replay(recorded(), program).cpu.reg[EAX]).toBe(8)
  })

  test("refuses a recording of another program", () => {
    const other = asm`
  mov dx, 0x300
  in eax, dx
  mov eax, 8
  hlt`
    expect(() => replay(recorded(), other)).toThrow("it is not of this program")
  })

  test("refuses a recording whose end was written over", () => {
    const forged = recorded()
    forged.recording.run.hash = "0123456789abcdef"
    expect(() => replay(forged, program)).toThrow(RangeError)
  })

  test("does not believe the recording's memory: the processor runs the given program", () => {
    const forged = recorded()
    forged.recording.run.pages = []
    expect(replay(forged, program).cpu.reg[EAX]).toBe(8)
  })

  test("refuses what is no recording", () => {
    for (const nothing of [undefined, null, 7, {}, { recording: { run: 1 } }])
      expect(() => replay(nothing as never, program)).toThrow(RangeError)
  })
})

describe("grade", () => {
  test("gives all points or none", () => {
    expect(grade({ right: true, text: "" }, 2.5)).toBe(2.5)
    expect(grade({ right: false, text: "" }, 2.5)).toBe(0)
  })

  test("takes nothing but true for right", () => {
    expect(grade({ right: "yes" as never, text: "" })).toBe(0)
  })

  test("refuses points that are none", () => {
    expect(() => grade({ right: true, text: "" }, -1)).toThrow("points is -1")
    expect(() => grade({ right: true, text: "" }, Number.NaN)).toThrow(RangeError)
  })
})

describe("what a graded cell shows", () => {
  const HOST = Symbol.for("ringlab.host")
  const shown: unknown[] = []
  beforeEach(() => {
    shown.length = 0
    Object.assign(globalThis, {
      [HOST]: { show: (bundle: Record<string, unknown>) => shown.push(bundle["text/plain"]) },
    })
  })
  afterEach(() => Reflect.deleteProperty(globalThis, HOST))

  test("is the verdict, where the answer went wrong, and the rule, since there is no next try", () => {
    grade({ right: false, text: "Look again.", rule: "CPL is in CS." }, 2)
    grade({ right: true, text: "It is 3." })
    expect(shown).toEqual(["Not right: 0 of 2. Look again. CPL is in CS.", "Right: 1 of 1. It is 3."])
  })
})
