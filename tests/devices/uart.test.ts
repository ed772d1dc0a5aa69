import { describe, expect, test } from "vitest"
import { awaitsInput, uart } from "../../src/devices/uart"
import { asm } from "../../src/index"
import { Machine } from "../../src/machine/machine"
import { recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"
import { pc } from "../../src/pc"
import { ECHO } from "./echo"

const HERTZ = 1_000_000
/** Cycles until what is typed comes, and of a byte at 115 200 bits a second. */
const PAUSE = HERTZ / 100
const BYTE = 87

const machine = () => new Machine({ memory: 1, hertz: HERTZ }).attach(uart())
const read = ({ bus }: Machine, register: number) => bus.in(0x3f8 + register, 8)
const write = ({ bus }: Machine, register: number, value: number) => bus.out(0x3f8 + register, 8, value)
const later = (m: Machine, cycles: number) => {
  m.clock.charge(cycles)
  m.bus.fireDue()
}
/** Let time pass, byte by byte. */
const settle = (m: Machine, bytes = 40) => {
  later(m, 2)
  later(m, PAUSE)
  for (let n = 0; n < bytes; n++) later(m, BYTE)
}
/** What waits, as a driver that polls reads it. */
const drain = (m: Machine) => {
  let text = ""
  while (read(m, 5) & 1) text += String.fromCharCode(read(m, 0))
  return text
}

describe("what is typed", () => {
  test("comes after a hundredth of a second, then as fast as the line is and the guest reads", () => {
    const m = machine().type("abc")
    later(m, 2)
    later(m, PAUSE - 2)
    expect(read(m, 5)).toBe(0x60)
    later(m, 2)
    expect([read(m, 5), drain(m), drain(m)]).toEqual([0x61, "a", ""])
    later(m, BYTE - 2)
    expect(drain(m)).toBe("")
    later(m, 2)
    expect(drain(m)).toBe("b")
    later(m, 1000)
    later(m, 1000)
    expect([drain(m), drain(m)]).toEqual(["c", ""])
  })

  test("comes at the speed that the divisor says", () => {
    const m = machine()
    for (const [register, value] of [
      [3, 0x83],
      [0, 12],
      [1, 0],
      [3, 3],
    ])
      write(m, register, value)
    m.type("ab")
    settle(m)
    expect(drain(m)).toBe("a")
    later(m, 12 * BYTE - 20)
    expect(drain(m)).toBe("")
    later(m, 20)
    expect(drain(m)).toBe("b")
  })

  test("waits while the receiver is full: one byte, or sixteen in the FIFO", () => {
    const text = "abcdefghijklmnopqrstuvwxyz"
    const single = machine().type(text)
    settle(single)
    expect(drain(single)).toBe("a")
    const fifo = machine()
    write(fifo, 2, 1)
    fifo.type(text)
    settle(fifo)
    const first = drain(fifo)
    settle(fifo)
    expect([first, drain(fifo)]).toEqual([text.slice(0, 16), text.slice(16)])
  })

  test.each([
    ["MCR", 4],
    ["IER", 1],
  ])("is not lost to a driver that empties the receiver after it set %s up", (_, last) => {
    const m = machine().type("ls\n")
    later(m, 2)
    later(m, PAUSE - 10)
    write(m, 2, 3)
    later(m, PAUSE - 10)
    write(m, last, 1)
    later(m, 20)
    for (const register of [5, 2, 0]) read(m, register)
    settle(m)
    expect(drain(m)).toBe("ls\n")
  })

  test("waits while the port is looped", () => {
    const m = machine()
    write(m, 4, 0x10)
    m.type("ab")
    settle(m)
    expect(drain(m)).toBe("")
    write(m, 4, 0)
    settle(m)
    expect(drain(m)).toBe("a")
  })

  test("interrupts by its time-out where the FIFO's trigger is not reached", () => {
    const m = pc({ hertz: HERTZ })
    for (const [register, value] of [
      [2, 0xc1],
      [1, 1],
      [4, 8],
    ])
      write(m, register, value)
    m.type("ab")
    later(m, 2)
    later(m, PAUSE)
    later(m, BYTE)
    expect([read(m, 5), read(m, 2)]).toEqual([0x61, 0xc1])
    later(m, 4 * BYTE)
    expect([read(m, 2), m.bus.controller?.look?.(4).high]).toEqual([0xcc, true])
    expect([drain(m), read(m, 2)]).toEqual(["ab", 0xc1])
  })

  test("is lost when the guest clears the FIFO", () => {
    const m = machine()
    write(m, 2, 1)
    m.type("abc")
    settle(m)
    write(m, 2, 3)
    expect(drain(m)).toBe("")
  })

  test("is a character a byte", () => {
    expect(() => machine().type("€")).toThrow(/^"€" cannot be typed/)
    expect(() => new Machine({ memory: 1, hertz: HERTZ }).type("a")).toThrow(/no uart/)
  })
})

describe("the interrupt line", () => {
  const lines = (m: Machine) => {
    const told: boolean[] = []
    m.listener = { detail: true, tell: (event) => event.is === "irq" && told.push(event.level) }
    return told
  }

  test("rises with a byte and falls when it is read, if IER and OUT2 let it", () => {
    const m = pc({ hertz: HERTZ })
    write(m, 1, 1)
    write(m, 4, 8)
    m.type("a")
    const told = lines(m)
    settle(m, 1)
    expect([told, read(m, 2)]).toEqual([[true], 4])
    read(m, 0)
    expect([told, read(m, 2)]).toEqual([[true, false], 1])
  })

  test.each([
    ["IER does not ask for it", 0, 8],
    ["OUT2 is off", 1, 3],
    ["a loop takes the outputs off", 1, 0x18],
  ])("stays low when %s", (_, ier, mcr) => {
    const m = pc({ hertz: HERTZ })
    write(m, 1, ier)
    write(m, 4, mcr)
    m.type("a")
    const told = lines(m)
    settle(m, 1)
    expect(told).toEqual([])
  })

  test("and the processor's IF say whether typing can wake the machine", () => {
    const m = pc()
    m.cpu.setInterruptFlag(true)
    write(m, 4, 8)
    expect(awaitsInput(m)).toBe(false)
    write(m, 1, 1)
    expect(awaitsInput(m)).toBe(true)
    m.cpu.setInterruptFlag(false)
    expect(awaitsInput(m)).toBe(false)
  })
})

test("a loop leads DTR, RTS, OUT1 and OUT2 to DSR, CTS, RI and DCD", () => {
  const m = machine()
  const status = [0, 1, 2, 4, 8, 0xf].map((outputs) => {
    write(m, 4, 0x10 | outputs)
    return read(m, 6) & 0xf0
  })
  expect(status).toEqual([0, 0x20, 0x10, 0x40, 0x80, 0xf0])
  write(m, 4, 0)
  expect(read(m, 6) & 0xf0).toBe(0xb0)
})

test("a recording plays what was typed again, forwards and backwards", () => {
  const typed = pc().type("Hello.").load(asm`${ECHO}`)
  const { recorded } = recordRun(typed, 5000)
  expect(typed.serial).toBe("Hello.")
  const replay = new Replay(recorded, rebuild)
  expect(replay.playThrough()).toBe(true)
  const serialAt = (step: number) => {
    replay.seek(step)
    return replay.machine.serial
  }
  expect([10, recorded.steps, recorded.steps - 10, recorded.steps].map(serialAt)).toEqual([
    "",
    "Hello.",
    "Hello",
    "Hello.",
  ])
})
