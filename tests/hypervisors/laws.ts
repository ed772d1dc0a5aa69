/** What holds of a run under any hypervisor: it ends the same, however it is run. */
import { expect, test } from "vitest"
import type { Machine } from "../../src/machine/machine"
import { hashOf, recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"
import { numbers } from "../machine/busy"

/** Tests that a machine's run of so many steps ends the same in all ways. */
export function endsTheSame(make: () => Machine, steps: number): void {
  const machine = make()
  machine.run({ steps })
  const expected = hashOf(machine)

  test("interpreted, and cut at random", () => {
    const machine = make()
    machine.engine.units.enabled = false
    machine.cpu.checkedGates.enabled = false
    const random = numbers(5)
    for (let left = steps; left > 0; ) left -= machine.run({ steps: Math.min(left, 1 + random(90)) }).steps
    expect(hashOf(machine)).toBe(expected)
  })
  test("recorded without a log, and replayed forwards and backwards", () => {
    const { recorded } = recordRun(make(), steps)
    expect(recorded.hash).toBe(expected)
    expect(recorded.journal).toEqual([])
    const replay = new Replay(JSON.parse(JSON.stringify(recorded)), rebuild)
    expect(replay.playThrough()).toBe(true)
    replay.seek(61_234)
    const before = hashOf(replay.machine)
    replay.seek(steps - 99)
    replay.seek(61_234)
    expect(hashOf(replay.machine)).toBe(before)
  })
  test("saved and put back at any of many steps", () => {
    const machine = make()
    const random = numbers(7)
    for (let left = steps; left > 0; ) {
      left -= machine.run({ steps: Math.min(left, 1 + random(9000)) }).steps
      machine.restore(JSON.parse(JSON.stringify(machine.save())))
    }
    expect(hashOf(machine)).toBe(expected)
  })
}
