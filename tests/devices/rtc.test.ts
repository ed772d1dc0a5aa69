import { describe, expect, test } from "vitest"
import { rtc } from "../../src/devices/rtc"
import { kit } from "../../src/guests/kit"
import { startController } from "../../src/guests/traps"
import { assemble } from "../../src/isa/assemble"
import { Machine } from "../../src/machine/machine"
import { pc } from "../../src/pc"

/** 28 February 2024, 23:59:58. */
const START = Date.UTC(2024, 1, 28, 23, 59, 58) / 1000
const HERTZ = 1000
const SECONDS = [9, 8, 7, 4, 2, 0]

const clock = () => new Machine({ memory: 1, hertz: HERTZ }).attach(rtc(1, START))
const cell = ({ bus }: Machine, index: number) => {
  bus.out(0x70, 8, index)
  return bus.in(0x71, 8)
}
const put = ({ bus }: Machine, index: number, value: number) => {
  bus.out(0x70, 8, index)
  bus.out(0x71, 8, value)
}
const time = (machine: Machine) => SECONDS.map((index) => cell(machine, index).toString(16).padStart(2, "0"))

describe("the clock", () => {
  test("shows the date it was given, and goes on with the machine's cycles over a leap day", () => {
    const machine = clock()
    expect(time(machine)).toEqual(["24", "02", "28", "23", "59", "58"])
    machine.clock.skip(3 * HERTZ)
    expect(time(machine)).toEqual(["24", "02", "29", "00", "00", "01"])
    expect([cell(machine, 6), cell(machine, 0x32)]).toEqual([5, 0x20])
  })

  test("knows the calendar from 1900 to 2100", () => {
    for (let days = -25_567; days < 47_482; days += 97) {
      const machine = new Machine({ memory: 1, hertz: HERTZ }).attach(rtc(1, days * 86_400 + 86_399))
      const date = new Date(days * 86_400_000)
      const [year, month, day] = date.toISOString().split(/[-T]/)
      expect(
        [0x32, ...SECONDS.slice(0, 3)].map((index) => cell(machine, index).toString(16).padStart(2, "0")),
      ).toEqual([year.slice(0, 2), year.slice(2), month, day])
      expect(cell(machine, 6)).toBe(date.getUTCDay() + 1)
    }
  })

  test("shows binary numbers and hours of twelve when register B says so", () => {
    const machine = clock()
    put(machine, 0x0b, 4)
    expect(SECONDS.map((index) => cell(machine, index))).toEqual([24, 2, 28, 0x80 | 11, 59, 58])
  })

  test("stands while SET holds, then goes on from what was written", () => {
    const machine = clock()
    put(machine, 0x0b, 0x82)
    put(machine, 4, 0x12)
    machine.clock.skip(5 * HERTZ)
    expect(time(machine)).toEqual(["24", "02", "28", "12", "59", "58"])
    put(machine, 0x0b, 2)
    machine.clock.skip(3 * HERTZ)
    expect(time(machine)).toEqual(["24", "02", "28", "13", "00", "01"])
  })

  test("tells how much memory there is", () => {
    const machine = pc({ memory: 64 })
    const word = (index: number) => cell(machine, index) | (cell(machine, index + 1) << 8)
    expect([0x15, 0x30, 0x34].map(word)).toEqual([640, 63 * 1024, 48 * 16])
  })
})

/** Counts interrupts of line 8 in EBX; register B enables what the caller wants, when C is clear of what came before. */
const counting = (b: number, a: number) =>
  assemble(`${kit({ gates: [{ vector: 0x28, handler: "tick" }] })}
main:
${startController([2])}
${[
  [0xa0, 0x11],
  [0xa1, 0x28],
  [0xa1, 2],
  [0xa1, 1],
  [0xa1, 0xfe],
]
  .map(([port, value]) => `mov al, ${value}\n out ${port}, al`)
  .join("\n")}
  mov al, 0x0a
  out 0x70, al
  mov al, ${a}
  out 0x71, al
  mov al, 0x0c
  out 0x70, al
  in al, 0x71
  mov al, 0x0b
  out 0x70, al
  mov al, ${b}
  out 0x71, al
  sti
again: hlt
  jmp again
tick:
  inc ebx
  mov al, 0x0c
  out 0x70, al
  in al, 0x71
  mov al, 0x20
  out 0xa0, al
  out 0x20, al
  iret`)

test.each([
  ["a periodic interrupt 1024 times a second", 0x42, 0x26, 1024],
  ["a periodic interrupt twice a second", 0x42, 0x2f, 2],
  ["an interrupt after each second's update", 0x12, 0x26, 1],
])("the clock raises %s", (_, b, a, rate) => {
  const machine = pc().load(counting(b, a))
  const reach = (ticks: number) => {
    while (machine.cpu.reg[3] < ticks) machine.run({ steps: 1 })
    return machine.clock.now / machine.options.hertz
  }
  const first = reach(1)
  expect((reach(1 + 3 * rate) - first) * rate).toBeCloseTo(3 * rate, 3)
})

describe("register C", () => {
  const HALF = HERTZ / 2
  const flags = (machine: Machine) => cell(machine, 0x0c)

  test("tells of an update and of a period whether or not they interrupt, once", () => {
    const machine = clock()
    put(machine, 0x0a, 0x2f)
    expect(flags(machine)).toBe(0)
    machine.clock.skip(HALF)
    expect([flags(machine), flags(machine)]).toEqual([0x40, 0])
    machine.clock.skip(HALF)
    expect([flags(machine), flags(machine)]).toEqual([0x50, 0])
  })

  test("tells of no update while SET holds, nor of those that it kept from happening", () => {
    const machine = clock()
    put(machine, 0x0a, 0x20)
    put(machine, 0x0b, 0x82)
    machine.clock.skip(3 * HERTZ)
    expect(flags(machine)).toBe(0)
    put(machine, 0x0b, 0x02)
    expect(flags(machine)).toBe(0)
    machine.clock.skip(HERTZ)
    expect(flags(machine)).toBe(0x10)
  })

  test("tells of an alarm that was met in any of the seconds since", () => {
    const machine = clock()
    for (const [register, value] of [
      [1, 0x01],
      [3, 0x00],
      [5, 0xc0],
    ])
      put(machine, register, value)
    machine.clock.skip(2 * HERTZ)
    expect(flags(machine) & 0x20).toBe(0)
    machine.clock.skip(30 * HERTZ)
    expect(flags(machine) & 0x20).toBe(0x20)
    machine.clock.skip(3600 * HERTZ)
    expect([flags(machine) & 0x20, flags(machine)]).toEqual([0x20, 0])
  })

  test("tells of a flag that interrupted when it came, and after it is silenced of what comes then, once each", () => {
    const machine = clock()
    put(machine, 0x0a, 0x2f)
    flags(machine)
    put(machine, 0x0b, 0x42)
    machine.clock.skip(HALF)
    machine.bus.fireDue()
    expect([flags(machine), flags(machine)]).toEqual([0xc0, 0])
    put(machine, 0x0b, 2)
    expect(flags(machine)).toBe(0)
    machine.clock.skip(HALF)
    expect([flags(machine) & 0x40, flags(machine)]).toEqual([0x40, 0])
  })

  test("is not measured by a rate that was set later", () => {
    const machine = clock()
    put(machine, 0x0a, 0x20)
    machine.clock.skip(HALF - 1)
    put(machine, 0x0a, 0x28)
    expect(flags(machine)).toBe(0)
  })
})

test("a clock that nobody asks for flags keeps the state that it always kept", () => {
  const machine = clock()
  machine.clock.skip(3 * HERTZ)
  time(machine)
  put(machine, 0x10, 0x55)
  put(machine, 0x0b, 4)
  expect(Object.keys(machine.bus.devices[0].state as object)).toEqual(["cells", "index", "start"])
})
