/** The timer against the wave forms of its data sheet. A cycle of this host's clock is a tick of the timer's. */
import { describe, expect, test } from "vitest"
import { PIT_HERTZ, pit } from "../../src/devices/pit"
import type { DeviceHost } from "../../src/machine/board/device"

/** A timer, its clock, and what it does to interrupt line 0. */
function bench() {
  const timer = pit()
  const posted = new Map<number, number>()
  const rises: number[] = []
  let level = false
  const host = {
    now: 100,
    hertz: PIT_HERTZ,
    interrupt(_line: number, high: boolean) {
      if (high && !level) rises.push(host.now)
      level = high
    },
    after: (cycles: number, tag: number) => void posted.set(tag, host.now + cycles),
    cancel: (tag: number) => void posted.delete(tag),
  }
  const on = host as typeof host & DeviceHost
  const out = (port: number, ...bytes: number[]) => {
    for (const byte of bytes) timer.out?.(port, 8, byte, on)
  }
  const read = (port: number) => timer.in?.(port, 8, on) ?? -1
  const pass = (ticks: number) => {
    for (let n = 0; n < ticks; n++) {
      host.now++
      for (const [tag, at] of [...posted])
        if (at === host.now) {
          posted.delete(tag)
          timer.tick?.(tag, on)
        }
    }
  }
  return {
    out,
    read,
    pass,
    rises,
    /** Counter 2: mode, then its count's low byte. */
    set: (mode: number, count: number, bcd = 0) => out(0x43, 0x90 | (mode << 1) | bcd) ?? out(0x42, count),
    gate: (high: boolean) => out(0x61, high ? 1 : 0),
    count: () => read(0x42),
    /** Counter 2's output and count, tick by tick: `-` is high and `_` is low, as the data sheet draws them. */
    wave(ticks: number) {
      let text = ""
      for (let n = 0; n < ticks; n++) {
        pass(1)
        text += `${n > 0 ? " " : ""}${read(0x61) & 0x20 ? "-" : "_"}${read(0x42).toString(16)}`
      }
      return text
    },
    level: () => ((read(0x61) & 0x20) !== 0 ? "high" : "low"),
  }
}

/** Counter 2 with its gate high. */
const open = () => {
  const b = bench()
  b.gate(true)
  return b
}

describe("mode 0, interrupt on terminal count", () => {
  test("is low from the control word until the count, loaded a tick after it was written, is done", () => {
    const b = open()
    b.out(0x43, 0x90)
    expect(b.level()).toBe("low")
    b.out(0x42, 4)
    expect(b.wave(7)).toBe("_4 _3 _2 _1 -0 -ff -fe")
  })
  test("waits while the gate is low", () => {
    const b = open()
    b.set(0, 3)
    expect(b.wave(2)).toBe("_3 _2")
    b.gate(false)
    expect(b.wave(3)).toBe("_2 _2 _2")
    b.gate(true)
    expect(b.wave(3)).toBe("_1 -0 -ff")
  })
  test("takes a new count at the next tick, and is low again", () => {
    const b = open()
    b.set(0, 3)
    b.pass(5)
    b.out(0x42, 2)
    expect(b.level()).toBe("low")
    expect(b.wave(3)).toBe("_2 _1 -0")
  })
  test("stops at the first byte of two", () => {
    const b = open()
    b.out(0x43, 0xb0)
    b.out(0x42, 2, 0)
    b.pass(6)
    b.out(0x42, 1)
    b.pass(1000)
    expect(b.level()).toBe("low")
    b.out(0x42, 0)
    b.pass(2)
    expect(b.level()).toBe("high")
  })
})

describe("mode 1, one-shot", () => {
  test("is low for the count after the gate rose", () => {
    const b = bench()
    b.set(1, 3)
    b.pass(3)
    expect(b.level()).toBe("high")
    b.gate(true)
    expect(b.level()).toBe("high")
    expect(b.wave(5)).toBe("_3 _2 _1 -0 -ff")
  })
  test("stays low when it is triggered again, and takes a new count only then", () => {
    const b = bench()
    b.set(1, 3)
    b.gate(true)
    b.pass(2)
    b.out(0x42, 4)
    b.gate(false)
    b.gate(true)
    expect(b.level()).toBe("low")
    expect(b.wave(5)).toBe("_4 _3 _2 _1 -0")
  })
})

describe("mode 2, rate generator", () => {
  test("is low for the last tick of each period", () => {
    const b = open()
    b.set(2, 3)
    expect(b.wave(7)).toBe("-3 -2 _1 -3 -2 _1 -3")
  })
  test("ends its period before it takes a new count", () => {
    const b = open()
    b.set(2, 4)
    b.pass(2)
    b.out(0x42, 5)
    expect(b.wave(6)).toBe("-2 _1 -5 -4 -3 -2")
  })
  test("is high while the gate is low, and begins anew when it rises", () => {
    const b = open()
    b.set(2, 3)
    b.pass(3)
    expect(b.level()).toBe("low")
    b.gate(false)
    expect(b.level()).toBe("high")
    b.gate(true)
    expect(b.wave(4)).toBe("-3 -2 _1 -3")
  })
})

describe("mode 3, square wave", () => {
  test("counts by two, each half of an even count", () => {
    const b = open()
    b.set(3, 4)
    expect(b.wave(8)).toBe("-4 -2 _4 _2 -4 -2 _4 _2")
  })
  test("is high for one tick more of an odd count", () => {
    const b = open()
    b.set(3, 5)
    expect(b.wave(10)).toBe("-4 -2 -0 _4 _2 -4 -2 -0 _4 _2")
  })
  test("takes a new count at the end of a half", () => {
    const b = open()
    b.set(3, 4)
    b.pass(1)
    b.out(0x42, 6)
    expect(b.wave(8)).toBe("-2 _6 _4 _2 -6 -4 -2 _6")
  })
})

describe("modes 4 and 5, strobes", () => {
  test("mode 4 is low for one tick, a count and a tick after it was written", () => {
    const b = open()
    b.set(4, 3)
    expect(b.wave(6)).toBe("-3 -2 -1 _0 -ff -fe")
  })
  test("mode 5 waits for the gate to rise", () => {
    const b = bench()
    b.set(5, 2)
    b.pass(9)
    b.gate(true)
    expect(b.wave(4)).toBe("-2 -1 _0 -ff")
  })
  test("modes 6 and 7 are modes 2 and 3", () => {
    const [six, seven] = [6, 7].map((mode) => {
      const b = open()
      b.set(mode, 4)
      return b.wave(5)
    })
    expect(six).toBe("-4 -3 -2 _1 -4")
    expect(seven).toBe("-4 -2 _4 _2 -4")
  })
})

describe("counts", () => {
  test("in four decimal digits", () => {
    const b = open()
    b.out(0x43, 0xb1)
    b.out(0x42, 0x00, 0x10)
    b.pass(2)
    expect([b.count(), b.count()]).toEqual([0x99, 0x09])
    b.pass(1000)
    expect([b.count(), b.count()]).toEqual([0x99, 0x99])
  })
  test("0 is the largest: 65,536, or 10,000 in decimal", () => {
    for (const [bcd, ticks] of [
      [0, 65_536],
      [1, 10_000],
    ]) {
      const b = open()
      b.out(0x43, 0xb0 | bcd)
      b.out(0x42, 0, 0)
      b.pass(ticks)
      expect(b.level()).toBe("low")
      b.pass(1)
      expect(b.level()).toBe("high")
    }
  })
  test("the high byte alone", () => {
    const b = open()
    b.out(0x43, 0xa0)
    b.out(0x42, 2)
    b.pass(2)
    expect(b.count()).toBe(1)
    b.pass(0x1ff)
    expect(b.level()).toBe("high")
  })
})

describe("latches", () => {
  test("a count stays latched until both its bytes are read, whatever is latched meanwhile", () => {
    const b = open()
    b.out(0x43, 0xb0)
    b.out(0x42, 0x02, 0x01)
    b.pass(1)
    b.out(0x43, 0x80)
    b.pass(5)
    b.out(0x43, 0x80)
    expect([b.count(), b.count()]).toEqual([0x02, 0x01])
    expect([b.count(), b.count()]).toEqual([0xfd, 0x00])
  })
  test("read-back tells the output, a count that waits, access, mode and digits, before the count", () => {
    const b = open()
    b.out(0x43, 0xb5)
    b.out(0x42, 0x10, 0)
    b.out(0x43, 0xc8)
    b.pass(3)
    expect([b.count(), b.count(), b.count()]).toEqual([0b1111_0101, 0x10, 0x00])
    b.out(0x43, 0xe8)
    expect(b.count()).toBe(0b1011_0101)
    b.out(0x42, 0x20, 0)
    b.out(0x43, 0xe8)
    b.pass(0x20)
    b.out(0x43, 0xe8)
    expect(b.count() & 0x40).toBe(0x40)
  })
  test("read-back latches the counters it names, and no other", () => {
    const b = open()
    b.out(0x43, 0x14)
    b.out(0x40, 100)
    b.set(2, 50)
    b.pass(11)
    b.out(0x43, 0xd2)
    b.pass(5)
    expect(b.read(0x40)).toBe(90)
    expect(b.count()).toBe(35)
  })
})

describe("counter 0 raises interrupt line 0", () => {
  const first = (mode: number, count: number) => {
    const b = bench()
    b.out(0x43, 0x10 | (mode << 1))
    const before = b.rises.length
    b.out(0x40, count)
    b.pass(31)
    return b.rises.slice(before).map((tick) => tick - 100)
  }
  test("once when a count is done", () => {
    expect(first(0, 10)).toEqual([11])
    expect(first(4, 10)).toEqual([12])
  })
  test("once a period", () => {
    expect(first(2, 10)).toEqual([11, 21, 31])
    expect(first(3, 10)).toEqual([11, 21, 31])
  })
  test("by a new count only after the period at hand", () => {
    const b = bench()
    b.out(0x43, 0x14)
    b.out(0x40, 10)
    b.pass(5)
    b.out(0x40, 20)
    b.rises.length = 0
    b.pass(50)
    expect(b.rises.map((tick) => tick - 100)).toEqual([11, 31, 51])
  })
  test("by a new count of a square wave after half a period", () => {
    const b = bench()
    b.out(0x43, 0x16)
    b.out(0x40, 10)
    b.pass(3)
    b.out(0x40, 20)
    b.rises.length = 0
    b.pass(50)
    expect(b.rises.map((tick) => tick - 100)).toEqual([16, 36])
  })
})
