/** Who has the rings in the picture of a run. */
import { describe, expect, test } from "vitest"
import { readOutput } from "../../lessons/src/output/read"
import { enterRing, kit } from "../../src/guests/kit"
import { hypervise } from "../../src/hypervisors/kinds"
import { asm } from "../../src/isa/assemble"
import { pc } from "../../src/pc"
import { inRing, lanesOf } from "../../src/views/lanes"
import { packed } from "../../src/views/packed"
import { record } from "../../src/views/record"

const program = asm`${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main:
${enterRing(3, "user")}
user: int 0x80
  jmp user
service: iretd`

function underMonitor() {
  const machine = pc({ memory: 18 })
  hypervise(machine, "trap-and-emulate", { vms: [{ name: "guest", memory: 8 }] }).guests[0].vm.load(program)
  return record(machine, { steps: 60 })
}

describe("under trap-and-emulate", () => {
  const recording = underMonitor()

  test("the monitor has ring 0, the guest's kernel ring 1, applications ring 3", () => {
    expect(recording.timeline.lanes?.map(({ ring, name }) => [ring, name])).toEqual([
      [0, "monitor"],
      [1, "guest kernel"],
      [3, "application"],
    ])
    expect(inRing(recording.timeline, 1)).toBe("guest kernel, ring 1")
  })

  test("the picture says so, for eyes and for ears", () => {
    const step = recording.timeline.rings.find(([, ring]) => ring === 1)?.[0] ?? 0
    const svg = recording.svg(step)
    for (const text of [">monitor<", ">guest kernel<", ">application<", ">now guest kernel, ring 1<"])
      expect(svg).toContain(text)
    expect(svg).not.toContain(">ring 2<")
    expect(svg).toMatch(/aria-label="Step \d+, guest kernel, ring 1\. /)
  })

  test("an output carries it, and a page reads it", () => {
    const read = readOutput(JSON.parse(JSON.stringify(packed(recording.output()))))
    expect(read).toHaveProperty("output.timeline.lanes", recording.timeline.lanes)
  })

  test("a ring that nobody named has a lane once the run enters it", () => {
    const { timeline } = recording
    const lanes = lanesOf({ ...timeline, rings: [...timeline.rings, [60, 2]] })
    expect(lanes.map(({ ring }) => ring)).toEqual([0, 1, 2, 3])
  })
})

test("a bare machine has the kernel's ring, the applications' and those that it enters, and carries no lanes", () => {
  const { timeline } = record(pc().load(program), { steps: 60 })
  expect(timeline).not.toHaveProperty("lanes")
  const names = (rings: readonly number[]) =>
    lanesOf({ ...timeline, rings: rings.map((ring, step) => [step, ring]) }).map(({ name }) => name)
  expect(names([0])).toEqual(["ring 0", "ring 3"])
  expect(names([0, 1, 3])).toEqual(["ring 0", "ring 1", "ring 3"])
  expect(inRing(timeline, 3)).toBe("ring 3")
})
