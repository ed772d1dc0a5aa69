/** Law: interpreted = generated = recorded = unrecorded, in state, ledger and TLB counts, however the run is cut. */
import { describe, expect, test } from "vitest"
import type { Machine } from "../../src/machine/machine"
import { hashOf, recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"
import { boundedGuest, runsOwnCode } from "./bounded-guest"
import { busy, numbers } from "./busy"
import { randomGuest } from "./random-guest"

const STEPS = 20_000
const interpreted = (machine: Machine) => {
  machine.engine.units.enabled = false
  machine.cpu.checkedGates.enabled = false
  return machine
}
/** Code is generated as soon as may be. */
const generated = (machine: Machine) => {
  for (const generator of [machine.engine.units, machine.cpu.checkedGates])
    Object.assign(generator, { enabled: true, threshold: 2 })
  return machine
}

function hashAfter(machine: Machine, pieces: () => number): string {
  for (let left = STEPS; left > 0; ) {
    const wished = Math.min(left, pieces())
    const { steps } = machine.run({ steps: wished })
    if (steps > wished) throw new Error(`${steps} steps were run, and ${wished} were wished`)
    left -= steps
    if (steps === 0) break
  }
  return hashOf(machine)
}
const whole = () => STEPS

const GUESTS: readonly (readonly [name: string, make: () => Machine])[] = [
  ["the busy guest", busy],
  ...[1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13].map(
    (seed) => [`a random guest, seed ${seed}`, () => randomGuest(seed)] as const,
  ),
]

describe.each(GUESTS)("%s ends the same", (_name, make) => {
  const expected = hashAfter(interpreted(make()), whole)
  test("interpreted and generated", () => {
    const machine = generated(make())
    expect(hashAfter(machine, whole)).toBe(expected)
    expect(machine.engine.units.made).toBeGreaterThan(1)
  })
  test("generated, cut at random", () => {
    const random = numbers(99)
    expect(hashAfter(generated(make()), () => 1 + random(60))).toBe(expected)
  })
  test("interpreted, cut at every instruction", () =>
    expect(hashAfter(interpreted(make()), () => 1)).toBe(expected))
  test("recorded by one engine, and replayed by the other", () => {
    const { recorded, marks } = recordRun(generated(make()), STEPS)
    expect(recorded.hash).toBe(expected)
    for (const engine of [interpreted, generated]) {
      const replay = new Replay(recorded, (...how) => engine(rebuild(...how)))
      expect(replay.playThrough()).toBe(true)
      expect(replay.marks).toEqual(marks)
      replay.seek(STEPS / 3)
      replay.seek(STEPS)
      expect(hashOf(replay.machine)).toBe(expected)
    }
  })
  test("generated, while a listener wants every detail", () => {
    const machine = generated(make())
    machine.listener = { detail: true, tell: () => {} }
    machine.run({ steps: STEPS })
    machine.listener = undefined
    expect(hashOf(machine)).toBe(expected)
  })
})

/** How often generated code was found for a guest's own code. */
function countOwn(machine: Machine): { own: number } {
  const { units } = machine.engine
  const find = units.find.bind(units)
  const count = { own: 0 }
  units.find = (page, block) => {
    const unit = find(page, block)
    if (unit && runsOwnCode(machine)) count.own++
    return unit
  }
  return count
}

const BOUNDED = Array.from({ length: 16 }, (_, n) => n + 1)

test.each(BOUNDED)("in bounded segments generated code ends as interpreted code does, seed %i", (seed) => {
  const expected = hashAfter(interpreted(boundedGuest(seed)), whole)
  const machine = generated(boundedGuest(seed))
  const count = countOwn(machine)
  expect(hashAfter(machine, whole)).toBe(expected)
  expect(machine.clock.steps).toBe(STEPS)
  expect(count.own).toBeGreaterThan(1)
  const random = numbers(99)
  expect(hashAfter(generated(boundedGuest(seed)), () => 1 + random(60))).toBe(expected)
})

test("generated code is left at each of its instructions as if it had been interpreted", () => {
  const [[, make]] = GUESTS.slice(3)
  const [a, b] = [generated(make()), interpreted(make())]
  a.run({ steps: 5000 })
  b.run({ steps: 5000 })
  for (let n = 0; n < 400; n++) {
    expect(a.run({ steps: 7 + (n % 50) })).toEqual(b.run({ steps: 7 + (n % 50) }))
    expect(a.save()).toEqual(b.save())
  }
})

test("where the host forbids generating code, the machine interprets, and ends the same", () => {
  const expected = hashAfter(generated(busy()), whole)
  const real = globalThis.Function
  globalThis.Function = (() => {
    throw new EvalError("Code generation from strings disallowed for this context")
  }) as unknown as FunctionConstructor
  try {
    const machine = busy()
    expect(machine.engine.units.enabled).toBe(false)
    expect(hashAfter(machine, whole)).toBe(expected)
  } finally {
    globalThis.Function = real
  }
})
