/** Binary translation with the unmodified guest kernel, which trap-and-emulate cannot run: to the same end as bare metal. */
import { describe, expect, test, vi } from "vitest"
import { BinaryTranslation } from "../../../src/hypervisors/binary-translation"
import type { Machine } from "../../../src/machine/machine"
import { pc } from "../../../src/pc"
import { endsTheSame } from "../laws"
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

describe.each([
  ["one guest", ["switches 1"]],
  ["two guests", ["mix 1", "switches 1"]],
])("a run with %s, whose kernels are translated, ends the same", (_, commandLines) => {
  endsTheSame(() => virtual(commandLines, OPTIONS).machine, 150_000)
})

test.each([
  [{ cache: 3 }, "cache: 3 is no size of a translation cache: 4 to 2048 KiB in steps of 4"],
  [{ cache: 4096 }, "cache: 4096 is no size of a translation cache: 4 to 2048 KiB in steps of 4"],
  [{ length: 0 }, "length: a unit cannot have 0 instructions: 1 to 64"],
  [{ length: 1.5 }, "length: a unit cannot have 1.5 instructions: 1 to 64"],
])("%j is refused in a sentence", (options, sentence) => {
  const make = () => new BinaryTranslation(pc({ memory: 16 }).options, { vms: [], ...options })
  expect(make).toThrow(sentence)
})
