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
