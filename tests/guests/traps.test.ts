import { describe, expect, test } from "vitest"
import * as guests from "../../src/guests/traps"
import { assemble } from "../../src/isa/assemble"
import { EAX } from "../../src/isa/registers"
import type { Machine } from "../../src/machine/machine"
import { pc } from "../../src/pc"

const MOST_STEPS = 100_000

/** A guest, run to its end. */
function ended(source: string): {
  machine: Machine
  why: string
  word: (label: string) => number
  at: string
} {
  const machine = pc().load(assemble(source))
  const { why } = machine.run({ steps: MOST_STEPS })
  const labels = machine.program?.labels ?? {}
  const word = (label: string) => machine.memory.get(labels[label], 32)
  // HLT is one byte long.
  const at = Object.keys(labels).find((label) => labels[label] === machine.cpu.eip - 1) ?? ""
  return { machine, why, word, at }
}

describe("the guests of the lesson on traps end as they say", () => {
  test("a system call sends the letter H, and the second one ends", () => {
    const { machine, why, at } = ended(guests.SYSTEM_CALL)
    expect([why, at, machine.serial]).toEqual(["halted", "exit", "H"])
  })

  test("a page fault is mended once, and the instruction runs again", () => {
    const { machine, at, word } = ended(guests.MENDED_FAULT)
    expect([at, machine.cpu.reg[EAX], word("faults")]).toEqual(["exit", 42, 1])
    expect(machine.memory.get(0x30_0010, 32)).toBe(42)
  })

  test("with the error code left on the stack, IRET faults", () => {
    expect(ended(guests.LEFT_ERROR_CODE).at).toBe("general_protection")
  })

  test("the timer interrupts a loop that never calls the kernel, again and again", () => {
    const { why, word } = ended(guests.PREEMPTED)
    expect(why).toBe("limit")
    expect(word("ticks")).toBeGreaterThan(3)
  })

  test("without the end of interrupt there is one tick, and never another", () => {
    expect(ended(guests.MISSING_EOI).word("ticks")).toBe(1)
  })

  test("INT 13 from ring 3 is refused with an error code that names gate 13", () => {
    const { machine, why } = ended(guests.REFUSED_GATE)
    expect([why, machine.cpu.reg[EAX]]).toEqual(["halted", 0x6a])
  })

  test("a division error without a gate is a double fault, with error code 0", () => {
    const { machine, why } = ended(guests.DOUBLE_FAULT)
    expect([why, machine.cpu.reg[EAX]]).toEqual(["halted", 0])
  })

  test("without a gate for the double fault the processor shuts down", () => {
    expect(ended(guests.TRIPLE_FAULT).why).toBe("shutdown")
  })
})

test.each([0, 1, 65536, 7.5, Number.NaN])("a timer cannot have the divisor %d", (divisor) => {
  expect(() => guests.startTimer(divisor)).toThrow(`the divisor is ${divisor}`)
})
