import { describe, expect, test } from "vitest"
import { screen, screenText } from "../../src/devices/screen"
import { Machine } from "../../src/machine/machine"

const HERTZ = 1_000_000
const machine = () => new Machine({ memory: 1, hertz: HERTZ }).attach(screen())
const controller = ({ bus }: Machine, index: number) => {
  bus.out(0x3d4, 8, index)
  return bus.in(0x3d5, 8)
}
/** Characters from a cell of the screen on. */
const print = ({ memory }: Machine, cell: number, ...codes: readonly number[]) => {
  for (const [n, code] of codes.entries()) memory.set(0xb_8000 + 2 * (cell + n), 16, 0x700 | code)
}
const letters = (text: string) => [...text].map((letter) => letter.charCodeAt(0))

describe("the controller", () => {
  test("keeps the cursor, written byte by byte or register and value at once", () => {
    const m = machine()
    expect([controller(m, 0x0e), controller(m, 0x0f)]).toEqual([0, 0])
    m.bus.out(0x3d4, 8, 0x0e)
    m.bus.out(0x3d5, 8, 0x07)
    m.bus.out(0x3d4, 16, 0xcf0f)
    expect([controller(m, 0x0e), controller(m, 0x0f), m.bus.in(0x3d4, 8)]).toEqual([0x07, 0xcf, 0x0f])
  })

  test("has 25 registers: the others read 0", () => {
    const m = machine()
    m.bus.out(0x3d4, 16, 0x5519)
    expect(controller(m, 0x19)).toBe(0)
  })

  test("says 70 times a second that the screen is being drawn from the top again", () => {
    const m = machine()
    let frames = 0
    let before = 0
    for (let n = 0; n < 1000; n++) {
      m.clock.charge(HERTZ / 1000)
      const retrace = m.bus.in(0x3da, 8) & 8
      if (retrace > before) frames++
      before = retrace
    }
    expect(frames).toBe(70)
  })
})

describe("what the screen shows", () => {
  test("is 25 rows of 80 characters, blanks at the ends left out", () => {
    const m = machine()
    expect(screenText(m)).toEqual([])
    print(m, 0, ...letters("Hello  "))
    print(m, 160 + 78, ...letters("ab"), ...letters("c"))
    expect(screenText(m)).toEqual(["Hello", "", `${" ".repeat(78)}ab`, "c"])
    print(m, 2000, ...letters("below"))
    expect(screenText(m)).toHaveLength(4)
  })

  test("is in code page 437", () => {
    const m = machine()
    print(m, 0, 0xc9, 0xcd, 0xbb, 1, 0xe1)
    expect(screenText(m)).toEqual(["╔═╗☺ß"])
  })

  test("begins where the start address says", () => {
    const m = machine()
    print(m, 0, ...letters("first"))
    print(m, 80, ...letters("second"))
    m.bus.out(0x3d4, 16, (80 << 8) | 0x0d)
    expect(screenText(m)).toEqual(["second"])
  })
})
