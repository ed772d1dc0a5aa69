import { describe, expect, test } from "vitest"
import { awaitsKeys, keyboard } from "../../src/devices/keyboard"
import { scanCodes } from "../../src/devices/scan-codes"
import { asm, kit, startController } from "../../src/index"
import { Machine } from "../../src/machine/machine"
import { recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"
import { pc } from "../../src/pc"

const hex = (codes: readonly number[]) => codes.map((code) => code.toString(16)).join(" ")

describe("a US keyboard sends", () => {
  test.each([
    ["a", "1e 9e"],
    ["A", "2a 1e 9e aa"],
    ["1", "2 82"],
    ["!", "2a 2 82 aa"],
    ["\n", "1c 9c"],
    ["\r", "1c 9c"],
    ["\b", "e 8e"],
    ["\x7f", "e 8e"],
    ["\t", "f 8f"],
    ["\x1b", "1 81"],
    [" ", "39 b9"],
    ["\x03", "1d 2e ae 9d"],
    ["/", "35 b5"],
    ["?", "2a 35 b5 aa"],
    ["'", "28 a8"],
    ["`", "29 a9"],
    ["|", "2a 2b ab aa"],
    ["m", "32 b2"],
    ["]", "1b 9b"],
    ["\0", ""],
    ["\x1f", ""],
  ])("for %j: %s", (character, codes) => expect(hex(scanCodes(character))).toBe(codes))

  test("something of its own for each printable character", () => {
    const printable = Array.from({ length: 95 }, (_, n) => String.fromCharCode(0x20 + n))
    expect(new Set(printable.map((character) => hex(scanCodes(character)))).size).toBe(95)
  })
})

const HERTZ = 1_000_000
const PAUSE = HERTZ / 100
const machine = () => new Machine({ memory: 1, hertz: HERTZ }).attach(keyboard())
const later = (m: Machine, cycles: number) => {
  m.clock.charge(cycles)
  m.bus.fireDue()
}
const status = ({ bus }: Machine) => bus.in(0x64, 8) & 1
/** Codes that come, as a driver that polls reads them. */
const codes = (m: Machine) => {
  later(m, 2)
  const read: number[] = []
  for (let n = 0; n < 40; n++) {
    later(m, PAUSE)
    if (status(m)) read.push(m.bus.in(0x60, 8))
  }
  return hex(read)
}

describe("a code", () => {
  test("comes after a hundredth of a second, the next a thousandth after it was read", () => {
    const m = machine().press("a")
    later(m, 2)
    later(m, PAUSE - 2)
    expect(status(m)).toBe(0)
    later(m, 2)
    expect([status(m), m.bus.in(0x60, 8), status(m)]).toEqual([1, 0x1e, 0])
    later(m, PAUSE / 10 - 2)
    expect(status(m)).toBe(0)
    later(m, 2)
    expect([m.bus.in(0x60, 8), codes(m)]).toEqual([0x9e, ""])
  })

  test("waits while the one before is not read", () => {
    const m = machine().press("ab")
    later(m, 2)
    for (let n = 0; n < 10; n++) later(m, PAUSE)
    expect(codes(m)).toBe("1e 9e 30 b0")
  })

  test("waits while the keyboard is disabled, and behind what the controller answers", () => {
    const m = machine()
    m.bus.out(0x64, 8, 0xad)
    m.press("a")
    expect(codes(m)).toBe("")
    m.bus.out(0x64, 8, 0x20)
    m.bus.out(0x64, 8, 0xae)
    expect(codes(m)).toBe("55 1e 9e")
  })

  test("is for characters that are ASCII, on a machine with a keyboard", () => {
    expect(() => machine().press("é")).toThrow(/^"é" cannot be typed/)
    expect(() => new Machine({ memory: 1, hertz: HERTZ }).press("a")).toThrow(/no keyboard/)
  })

  test("would wake a processor that allows interrupts, if the controller does", () => {
    const m = pc()
    expect(awaitsKeys(m)).toBe(false)
    m.cpu.setInterruptFlag(true)
    expect(awaitsKeys(m)).toBe(true)
    m.bus.out(0x64, 8, 0xad)
    expect(awaitsKeys(m)).toBe(false)
  })
})

/** Keeps the codes that interrupt 1 brings, from 5000h on, until Enter is let go. */
const collector = asm`${kit({ gates: [{ vector: 0x21, handler: "key" }] })}
main:
${startController([1])}
  mov edi, 0x5000
  sti
again: hlt
  jmp again
key:
  in al, 0x60
  stosb
  cmp al, 0x9c
  mov al, 0x20
  out 0x20, al
  je done
  iret
done: hlt`

test("keys interrupt on line 1, and a recording plays them again", () => {
  const typed = pc().press("Hi\n").load(collector)
  const { recorded } = recordRun(typed, 5000)
  expect(hex([...typed.memory.read(0x5000, 8)])).toBe("2a 23 a3 aa 17 97 1c 9c")
  const replay = new Replay(recorded, rebuild)
  expect(replay.playThrough()).toBe(true)
  replay.seek(20)
  expect(replay.machine.memory.get(0x5000, 8)).toBe(0)
})

describe("keys in other scan code sets", () => {
  /** Sends bytes to port 60h, and throws away what is answered. */
  const tell = (m: Machine, ...bytes: number[]) => {
    for (const byte of bytes) {
      m.bus.out(0x60, 8, byte)
      while (status(m)) m.bus.in(0x60, 8)
    }
  }
  const setMode = (m: Machine, mode: number) => {
    m.bus.out(0x64, 8, 0x60)
    m.bus.out(0x60, 8, mode)
  }
  const typed = (mode: number, bytes: readonly number[], text: string) => {
    const m = machine()
    setMode(m, mode)
    tell(m, ...bytes)
    return codes(m.press(text))
  }

  test("set 2 asked for, which is used anyway, is nothing to keep, and no command is once it has its parameter", () => {
    const m = machine()
    const fresh = JSON.stringify(m.bus.devices[0].state)
    for (const bytes of [
      [0xf0, 2],
      [0xed, 7],
      [0xf3, 0x20],
      [0xf0, 3, 0xf0, 2],
    ])
      tell(m, ...bytes)
    expect(JSON.stringify(m.bus.devices[0].state)).toBe(fresh)
  })

  test("translation makes set 1 of set 2, for each key", () => {
    const text = Array.from({ length: 95 }, (_, n) => String.fromCharCode(0x20 + n)).join("")
    for (const character of `${text}\x1b\t\n\b\x03`)
      expect(typed(0x45, [], character)).toBe(hex(scanCodes(character)))
  })

  test.each([
    ["set 2 without translation", 0x05, [], "a", "1c f0 1c"],
    ["set 2 without translation, Shift held", 0x05, [], "Q", "12 15 f0 15 f0 12"],
    ["set 2 asked for", 0x05, [0xf0, 2], "\x1b", "76 f0 76"],
    ["set 1", 0x05, [0xf0, 1], "a", "1e 9e"],
    ["set 1, translated once more", 0x45, [0xf0, 1], "a", "3 9e"],
    ["set 3, where letters tell only that they are pressed", 0x05, [0xf0, 3], "a", "1c"],
    ["set 3, where Shift and Ctrl tell more", 0x05, [0xf0, 3], "A", "12 1c f0 12"],
    ["set 3, Ctrl", 0x05, [0xf0, 3], "\x03", "11 21 f0 11"],
    ["set 3, other keys than in set 2", 0x05, [0xf0, 3], "\x1b\\", "8 5c"],
    ["set 3, where all keys tell", 0x05, [0xf0, 3, 0xf8], "a", "1c f0 1c"],
    ["set 3, where none tells", 0x05, [0xf0, 3, 0xf9], "A", "12 1c"],
    ["set 3, where one key tells", 0x05, [0xf0, 3, 0xfc, 0x1c, 0xf4], "ab", "1c f0 1c 32"],
    ["set 3, where two keys tell", 0x05, [0xf0, 3, 0xfc, 0x1c, 0x32, 0xf4], "abc", "1c f0 1c 32 f0 32 21"],
    ["set 3, where one key does not", 0x05, [0xf0, 3, 0xf8, 0xfb, 0x1c, 0xf4], "ab", "1c 32 f0 32"],
    ["set 2 again after a reset", 0x05, [0xf0, 3, 0xff], "a", "1c f0 1c"],
    ["set 2, where keys of set 3 count for nothing", 0x05, [0xf9], "a", "1c f0 1c"],
  ])("%s", (_, mode, bytes, text, wanted) => {
    expect(typed(mode, bytes, text)).toBe(wanted)
  })

  test("wait while the keyboard does not scan", () => {
    const m = machine()
    tell(m, 0xf5)
    m.press("a")
    expect(codes(m)).toBe("")
    tell(m, 0xf4)
    expect(codes(m)).toBe("1e 9e")
  })

  test("would not wake a processor whose keyboard does not scan", () => {
    const m = pc()
    m.cpu.setInterruptFlag(true)
    tell(m, 0xf5)
    expect(awaitsKeys(m)).toBe(false)
    tell(m, 0xff)
    expect(awaitsKeys(m)).toBe(true)
  })
})

test("a keyboard that is as usual again keeps the state that it always kept", () => {
  const m = machine()
  const keys = () => Object.keys(m.bus.devices[0].state as object)
  const before = keys()
  for (const byte of [0xf2, 0xf0, 3, 0xf5]) m.bus.out(0x60, 8, byte)
  for (const value of [0xd3, 0x20]) {
    m.bus.out(0x64, 8, value)
    m.bus.out(0x60, 8, 0x12)
  }
  expect(keys()).not.toEqual(before)
  for (const byte of [0xff, 0xed, 7]) m.bus.out(0x60, 8, byte)
  expect(keys()).toEqual(before)
})
