/** Binary translation with the unmodified guest kernel, which trap-and-emulate cannot run: to the same end as bare metal. */
import { describe, expect, test, vi } from "vitest"
import type { Machine } from "../../../src/machine/machine"
import { hashOf, recordRun } from "../../../src/machine/time/recording"
import { Replay } from "../../../src/machine/time/replay"
import { rebuild } from "../../../src/parts"
import { pc } from "../../../src/pc"
import { numbers } from "../../machine/busy"
import { loadKernel, MEMORY, virtual } from "../make"

/** Long runs, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 })

const FOR_EVER = 30_000_000
const OPTIONS = { name: "kernel", kind: "binary-translation" } as const

/** What a guest prints, but for times. */
const untimed = (machine: Machine) =>
  machine.serial
    .split("\n")
    .filter((line) => !line.startsWith("time:"))
    .join("\n")

test("the unmodified guest says at its end what it says on bare metal, also of its own ring, flags and tables", () => {
  const bare = loadKernel(pc({ memory: MEMORY }), "kernel", "mix 1")
  expect(bare.run({ steps: FOR_EVER }).why).toBe("halted")
  const { machine, hypervisor } = virtual(["mix 1"], OPTIONS)
  expect(machine.run({ steps: FOR_EVER }).why).toBe("halted")
  const guest = hypervisor.guests[0].vm.machine
  expect(untimed(guest)).toBe(untimed(bare))
  expect(guest.serial).toContain("halted")
})

test("two guests share the processor, and each comes to its own end", () => {
  const { machine, hypervisor } = virtual(["switches 1", "calls 1"], OPTIONS)
  expect(machine.run({ steps: FOR_EVER }).why).toBe("halted")
  for (const { vm } of hypervisor.guests) expect(vm.machine.serial).toContain("halted")
})

test("CLI and STI reach the monitor only where an interrupt waits, and returns never", () => {
  const { machine, hypervisor } = virtual(["calls 1"], OPTIONS)
  machine.run({ steps: FOR_EVER })
  const { exits } = hypervisor.guests[0]
  expect(exits).not.toHaveProperty("CLI")
  expect(exits).not.toHaveProperty("RET")
  expect(exits.STI ?? 0).toBeLessThan(20)
  expect(exits["INT 80h"]).toBeGreaterThan(100)
})

describe("a run with a translator ends the same", () => {
  const STEPS = 150_000
  const whole = () => virtual(["switches 1"], OPTIONS).machine
  const machine = whole()
  machine.run({ steps: STEPS })
  const expected = hashOf(machine)

  test("interpreted, and cut at random", () => {
    const machine = whole()
    machine.engine.units.enabled = false
    machine.cpu.checkedGates.enabled = false
    const random = numbers(5)
    for (let left = STEPS; left > 0; ) left -= machine.run({ steps: Math.min(left, 1 + random(90)) }).steps
    expect(hashOf(machine)).toBe(expected)
  })

  test("recorded without a log, and replayed forwards and backwards", () => {
    const { recorded } = recordRun(whole(), STEPS)
    expect(recorded.hash).toBe(expected)
    expect(recorded.journal).toEqual([])
    const replay = new Replay(JSON.parse(JSON.stringify(recorded)), rebuild)
    expect(replay.playThrough()).toBe(true)
    replay.seek(61_234)
    const before = hashOf(replay.machine)
    replay.seek(STEPS - 99)
    replay.seek(61_234)
    expect(hashOf(replay.machine)).toBe(before)
  })
})
