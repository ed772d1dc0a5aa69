import { describe, expect, test } from "vitest"
import { PENTIUM4 } from "../../src/machine/events/costs"
import { run } from "./guest"

describe("the price list", () => {
  for (const [name, price] of Object.entries(PENTIUM4))
    test(`${name} has a source, or is an assumption within its range`, () => {
      if ("source" in price) expect(price.source).toMatch(/\d{4}/)
      else {
        const [low, high] = (price as { range: readonly [number, number] }).range
        expect(low).toBeLessThanOrEqual(price.cycles)
        expect(high).toBeGreaterThanOrEqual(price.cycles)
      }
    })
})

/** Cycles between two RDTSC, with something between them; what an empty pair costs is taken off. */
function cycles(code: string, handlers: string, vector: number): number {
  const measure = (middle: string) => {
    const body = `xor ecx, ecx\n xor edx, edx\n rdtsc\n mov esi, eax\n ${middle}\n rdtsc\n sub eax, esi\n hlt\n${handlers}`
    return run(body, { gates: [{ vector, handler: "handler" }] }).machine.cpu.reg[0]
  }
  return measure(code) - measure("")
}

describe("sums of primitives come near what was measured on a Pentium 4 672 (Adams and Agesen 2006)", () => {
  const NEAR = 0.2
  const near = (measured: number) => (sum: number) => Math.abs(sum / measured - 1) < NEAR
  test("a #DE to its handler and back, from ring 0: 889 cycles", () => {
    expect(cycles("xor edx, edx\n div ecx", "handler: mov ecx, 1\n iretd", 0)).toSatisfy(near(889))
  })
})

test("the ledger says where every cycle of a run went", () => {
  const { machine } = run("mov al, 5\n out 0x80, al\n int 0x80\n hlt\nservice: iretd", {
    gates: [{ vector: 0x80, handler: "service" }],
  })
  const { port, gateEntry, interruptReturn, descriptorTable, farTransfer } = PENTIUM4
  const ledger = machine.ledger.entries()
  expect(ledger.port).toBe(port.cycles)
  // The kit loads GDTR, IDTR and TR, and jumps far once.
  expect(ledger.gate).toBe(gateEntry.cycles + interruptReturn.cycles + farTransfer.cycles)
  expect(ledger.system).toBe(3 * descriptorTable.cycles)
  expect(Object.values(ledger).reduce((sum, cause) => sum + cause, 0) + machine.clock.steps).toBe(
    machine.clock.now,
  )
})
