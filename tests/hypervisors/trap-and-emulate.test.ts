/** Trap-and-emulate with the guest kernel: to the same end as bare metal, whatever the engine, recorded or not. */
import { describe, expect, test, vi } from "vitest"
import { FREE } from "../../src/machine/events/costs"
import type { Machine } from "../../src/machine/machine"
import { pc } from "../../src/pc"
import { endsTheSame } from "./laws"
import { kernelPair, loadKernel, MEMORY, virtual } from "./make"

/** Long runs, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 })

const FOR_EVER = 30_000_000
/** What a guest prints, but for times. */
const untimed = (machine: Machine) =>
  machine.serial
    .split("\n")
    .filter((line) => !line.startsWith("time:"))
    .join("\n")

describe.each([
  "compute 1",
  "calls 1",
  "forks 1",
  "faults 1",
  "tables 1",
  "switches 1",
  "ports 1",
  "timer 1",
  "mix 1",
])("the well-behaved guest, %s", (commandLine) => {
  test("makes the same steps to the same end as on bare metal, while only its own steps are time", () => {
    const { bare, machine, hypervisor } = kernelPair("kernel-well-behaved", commandLine)
    expect(bare.run({ steps: FOR_EVER }).why).toBe("halted")
    expect(machine.run({ steps: FOR_EVER }).why).toBe("halted")
    const [{ vm, vcpu }] = hypervisor.guests
    expect(vm.machine.serial).toBe(bare.serial)
    expect(vcpu.retired).toBe(bare.clock.steps)
    const { tlb: _, ...cpu } = bare.cpu.save()
    expect(vm.saveState().cpu).toMatchObject(cpu)
  })
})

test("in real time it prints the same but for times, and the monitor's work is on an account of its own", () => {
  const bare = loadKernel(pc({ memory: MEMORY }), "kernel-well-behaved", "mix 1")
  bare.run({ steps: FOR_EVER })
  const { machine, hypervisor } = virtual(["mix 1"])
  expect(machine.run({ steps: FOR_EVER }).why).toBe("halted")
  const guest = hypervisor.guests[0].vm.machine
  expect(untimed(guest)).toBe(untimed(bare))
  expect(guest.serial).toContain("halted")
  expect(machine.ledger.entries().monitor).toBeGreaterThan(100_000)
  expect(bare.ledger.entries()).not.toHaveProperty("monitor")
})

test("two guests share the processor, and each comes to its own end", () => {
  const { machine, hypervisor } = virtual(["mix 1", "compute 1"])
  expect(machine.run({ steps: FOR_EVER }).why).toBe("halted")
  const ends = hypervisor.guests.map(({ vm }) => untimed(vm.machine))
  const alone = ["mix 1", "compute 1"].map((commandLine) => {
    const bare = loadKernel(pc({ memory: MEMORY }), "kernel-well-behaved", commandLine)
    bare.run({ steps: FOR_EVER })
    return untimed(bare)
  })
  expect(ends).toEqual(alone)
})

test("exits are counted by reason", () => {
  const { machine, hypervisor } = virtual(["calls 1"], { time: "steps", prices: FREE })
  machine.run({ steps: FOR_EVER })
  const { exits } = hypervisor.guests[0]
  expect(exits).toMatchObject({ LGDT: 1, LIDT: 1, LTR: 1, HLT: 1 })
  expect(exits["INT 80h"]).toBeGreaterThan(1000)
  expect(exits.IRET).toBeGreaterThan(exits["INT 80h"])
  expect(exits.CLI).toBeGreaterThan(1000)
})

describe.each([
  ["one guest", ["mix 1"]],
  ["two guests", ["mix 1", "switches 1"]],
])("a run with %s ends the same", (_, commandLines) => {
  endsTheSame(() => virtual(commandLines).machine, 150_000)
})
