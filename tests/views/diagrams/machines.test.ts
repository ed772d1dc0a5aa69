import { describe, expect, test } from "vitest"
import { diagram, pc, record, virtualize } from "../../../src/index"
import { layersOf } from "../../../src/views/diagrams/layers"
import { inApplication, paged, pagedGuest, SYSTEM_CALL, ticking } from "./scenes"

/** What a machine answers must be what its diagram said before. */
const words = (sentence = "") =>
  [...sentence.matchAll(/([0-9A-F]{8})h/g)].map(([, digits]) => Number.parseInt(digits, 16))
const pushedBy = (machine: ReturnType<typeof inApplication>) =>
  words(diagram.gate(machine, 0x80).says.find((says) => says.startsWith("Pushed")))

describe("the diagram of a gate says what the machine pushes then,", () => {
  test("to another ring: SS, ESP, EFLAGS, CS, EIP, on the stack that the TSS names", () => {
    const machine = inApplication()
    const said = pushedBy(machine)
    machine.step()
    expect(machine.cpu.cpl).toBe(0)
    expect(said).toEqual([...stackOf(machine, 5).reverse(), machine.esp])
  })

  test("in the same ring: EFLAGS, CS, EIP, on the stack that there is", () => {
    const machine = inApplication()
    machine.step()
    machine.cpu.eip = (machine.program?.labels.application ?? 0) | 0
    const said = pushedBy(machine)
    machine.step()
    expect(said).toEqual([...stackOf(machine, 3).reverse(), machine.esp])
  })

  test("at a fault: EFLAGS with RF, EIP of the instruction itself, and an error code above", () => {
    const machine = inApplication()
    machine.cpu.eip = machine.cpu.eip + 2
    const says = diagram.gate(machine, 13).says.at(-1)
    machine.step()
    const [, ...frame] = stackOf(machine, 6)
    expect(words(says)).toEqual([...frame.reverse(), machine.esp])
    expect(says).toContain("error code")
  })
})

function stackOf(machine: ReturnType<typeof inApplication>, count: number): number[] {
  return Array.from({ length: count }, (_, n) => machine.memory.get(machine.esp + 4 * n, 32) >>> 0)
}

test("the diagram of a gate that is closed to the ring says with which error code it is refused", () => {
  expect(diagram.gate(inApplication(), 0x20, { by: "instruction" }).says).toEqual([
    "INT 20h is refused with #GP(0102h): CPL 3 is greater than the gate's DPL 0.",
  ])
})

test("a moment of a recording is drawn as the machine is that stood there, with the names of its program", () => {
  const run = record(pc({ memory: 2 }).load(SYSTEM_CALL), { steps: 100 })
  const step = run.timeline.rings.findIndex(([, ring]) => ring === 3)
  const moment = run.at(run.timeline.rings[step][0])
  const { says, svg } = diagram.gate(moment, 0x80)
  expect(says).toEqual(diagram.gate(inApplication(), 0x80).says)
  expect(svg).toContain("handler service")
})

test("diagrams change nothing in a machine", () => {
  const machine = ticking()
  const before = JSON.stringify(machine.save())
  for (const shown of [
    diagram.gate(machine, 0x80),
    diagram.timer(machine),
    diagram.walk(machine, 0x1000),
    diagram.descriptor(machine, machine.cs),
  ])
    expect(shown.says.length).toBeGreaterThan(0)
  expect(JSON.stringify(machine.save())).toBe(before)
})

test("the diagram of the timer says what holds the next interrupt up", () => {
  const [, controller] = diagram.timer(ticking()).says
  expect(controller).toContain(
    "IRR 1, ISR 1, IMR 0; it stops here: line 0 is in service until the handler sends an end",
  )
})

test("the diagram of a page walk comes to the address that the machine's own walk comes to", () => {
  const machine = paged()
  machine.memory.set(0x0030_0123, 32, 0x1234_5678)
  expect(diagram.walk(machine, 0x0040_0123).says.at(-1)).toBe(
    "Physical address: page at 00300000h, + offset 123h, = 00300123h.",
  )
  expect(machine.cpu.linear.readAs(false, 0x0040_0123, 32)).toBe(0x1234_5678)
})

test("the diagram of a walk to a large page has no table, and an offset of 22 bits", () => {
  expect(diagram.walk(paged(), 0x0010_1234).says).toEqual([
    "Split: directory index 00 0000 0000 = 0, offset 101234h.",
    "PDE: CR3 is 00200000h, entry at 00200000h, holds 000000E7h, P 1 R/W 1 U/S 1 A 1.",
    "Physical address: page at 00000000h, + offset 101234h, = 00101234h.",
  ])
})

test("the diagram of a guest's page walk ends in the machine's page", () => {
  const guest = pagedGuest()
  const end = words(diagram.walk(guest, 0x0040_0123).says.at(-1)).at(-1)
  expect(end).toBe((guest.memory as unknown as { place(at: number): number }).place(0x0030_0123))
})

test("the layers of trap and emulate are passed as a recorded system call passes them", () => {
  const { layers, call } = layersOf("trap-and-emulate")
  const ringOf = (layer: number) => Number(/ring (\d)/.exec(layers[layer].note)?.[1])
  const way = [ringOf(call[0][0]), ...call.map(([, to]) => ringOf(to))]
  const { timeline } = record(virtualize(SYSTEM_CALL).machine, { steps: 200 })
  const rings = timeline.rings.map(([, ring]) => ring).join("")
  expect(way).toEqual([3, 0, 1, 0, 3])
  expect(rings).toContain(way.join(""))
})

test("the rings place instructions as the instruction table says", () => {
  expect(diagram.rings({ instructions: ["lgdt", "cli", "add", "popf"], iopl: 1 }).says.slice(2)).toEqual([
    "LGDT works in ring 0 only.",
    "CLI works in rings 0 to 1.",
    "ADD works in rings 0 to 3.",
    "POPF runs in every ring and faults in none, though it should: IF silently kept when CPL > IOPL.",
  ])
  expect(diagram.rings({ instructions: ["sgdt"] }).says.at(-1)).toContain("shows GDTR as it really is")
  expect(() => diagram.rings({ instructions: ["popg"] })).toThrow("no instruction is called POPG")
})

test("what there is none of is refused in one sentence", () => {
  expect(() => diagram.gate(inApplication(), 300)).toThrow(
    "300 is not a vector: write a whole number from 0 to FFh",
  )
  expect(() => diagram.walk(inApplication(), -1)).toThrow("-1 is not a linear address")
  expect(() => diagram.layers("xen" as never)).toThrow(
    'there are no layers "xen": there are bare, trap-and-emulate',
  )
})
