import { describe, expect, test } from "vitest"
import { experimentNamed } from "../../src/experiments/catalogue"
import type { Parameter, Result, Values } from "../../src/experiments/experiment"
import { explore } from "../../src/experiments/show"
import { TRAP_EXPERIMENTS } from "../../src/experiments/traps"
import { PRICES } from "../../src/guests/traps"
import { assemble } from "../../src/isa/assemble"
import { Machine } from "../../src/machine/machine"

const NAMES = TRAP_EXPERIMENTS.map(({ name }) => name)
const run = (name: string, values: Values = {}): Result => explore(name, values).result
const rows = (name: string, values: Values = {}) => run(name, values).table?.rows ?? []

function endsOf(parameter: Parameter): readonly Values[string][] {
  if (parameter.kind === "toggle") return [false, true]
  return parameter.kind === "choice" ? parameter.options : [parameter.min, parameter.max]
}

/** Every parameter at each of its ends, or at each of its options, the others as they are. */
function corners(name: string): Values[] {
  return Object.entries(experimentNamed(name).parameters).flatMap(([key, parameter]) => {
    return endsOf(parameter).map((end): Values => ({ [key]: end }))
  })
}

describe.each(NAMES)("%s", (name) => {
  test("gives the same result twice, as plain JSON", () => {
    const result = run(name)
    expect(run(name)).toEqual(result)
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  })

  test("has a sentence at both ends of every parameter", () => {
    for (const values of corners(name)) expect(run(name, values).sentence).toMatch(/^\w.*\.$/)
  })

  test("has a chart whose axes have titles", () => {
    const { xaxis, yaxis } = run(name).chart?.layout ?? {}
    for (const axis of [xaxis, yaxis])
      expect(axis).toMatchObject({ title: { text: expect.stringMatching(/\w/) } })
  })
})

describe("what a trap costs", () => {
  const NUMBERS = /^\d+$/
  const sums = (values: Values = {}) =>
    Object.fromEntries(rows("traps/price", values).map((row) => [row[0], Number(row[row.length - 2])]))

  /** Cycles between two labels of the guest, measured on one machine with all prices at once. */
  function measured(label: string): number {
    const program = assemble(PRICES)
    const machine = new Machine({ memory: 4, hertz: 1e9 }).load(program)
    const until = (address: number) => {
      while (machine.cpu.eip !== address) machine.step()
      return machine.clock.now
    }
    const from = until(program.labels[label])
    return until(program.labels[`${label}_done`]) - from
  }

  test.each([
    ["near call", "near_call"],
    ["far call", "far_call"],
    ["INT within ring 0", "same_ring"],
    ["INT from ring 3", "system_call"],
    ["#DE from ring 3", "ring_3_fault"],
    ["#PF from ring 3", "page_fault"],
  ])("the parts of %s add up to what one run with all prices takes", (name, label) => {
    expect(sums()[name]).toBe(measured(label))
  })

  test("each row's sum is the sum of its parts", () => {
    for (const row of rows("traps/price")) {
      const parts = row.slice(1, -2)
      expect(parts.every((part) => NUMBERS.test(part))).toBe(true)
      expect(Number(row[row.length - 2])).toBe(parts.reduce((all, part) => all + Number(part), 0))
    }
  })

  test("a dearer stack switch counts twice from ring 3, and not at all within ring 0", () => {
    const [cheap, dear] = [sums({ stackSwitch: 110 }), sums({ stackSwitch: 210 })]
    expect(dear["INT from ring 3"] - cheap["INT from ring 3"]).toBe(200)
    expect(dear["INT within ring 0"]).toBe(cheap["INT within ring 0"])
  })

  test("what was measured lies between #DE within ring 0 and #DE from ring 3, as the prices stand", () => {
    expect(sums()["#DE within ring 0"]).toBeLessThan(889)
    expect(sums()["#DE from ring 3"]).toBeGreaterThan(889)
  })
})

describe("what a timer takes", () => {
  const shares = (values: Values) => run("traps/timer", values).chart?.data[0].y as number[]

  test("the rarer the ticks, the smaller the share", () => {
    const curve = shares({})
    for (let n = 1; n < curve.length; n++) expect(curve[n]).toBeLessThanOrEqual(curve[n - 1])
    expect(curve[0]).toBe(100)
    expect(curve[curve.length - 1]).toBeLessThan(5)
  })

  test("work in the handler costs a cycle a round", () => {
    const busy = (length: number) => {
      const { sentence } = run("traps/timer", { divisor: 4000, length })
      return Number(/takes ([\d,]+) cycles/.exec(sentence)?.[1].replace(",", ""))
    }
    expect(busy(2000) - busy(1000)).toBe(1000)
  })

  test("says how many ticks are lost when a handler is longer than the time between two", () => {
    expect(run("traps/timer", { divisor: 100, length: 2000 }).sentence).toMatch(
      /\d\d\.\d % of the ticks are lost/,
    )
    expect(run("traps/timer", { divisor: 4000, length: 2000 }).sentence).not.toMatch(/lost/)
  })

  test("a faster processor has more cycles between two ticks", () => {
    const [slow, fast] = ["33 MHz", "3.8 GHz"].map((clock) => shares({ clock })[6])
    expect(fast).toBeLessThan(slow / 50)
  })
})

describe("who gets through a gate", () => {
  const square = (values: Values) => rows("traps/gate", values).map((row) => row.slice(1))
  const FOUR = [0, 1, 2, 3]

  test("INT 80h needs CPL ≤ DPL", () => {
    const wanted = FOUR.map((ring) => FOUR.map((dpl) => (ring <= dpl ? "handler runs" : "#GP(0402h)")))
    expect(square({})).toEqual(wanted)
  })

  test("for an exception the DPL does not count", () => {
    const deed = "the exception #UD, by UD2"
    expect(new Set(square({ deed }).flat())).toEqual(new Set(["handler runs"]))
  })

  test("the DPL is checked before P", () => {
    const wanted = FOUR.map((ring) => FOUR.map((dpl) => (ring <= dpl ? "#NP(0402h)" : "#GP(0402h)")))
    expect(square({ gate: "not present" })).toEqual(wanted)
  })

  test("the sentence says which check failed", () => {
    expect(run("traps/gate", { ring: 2, dpl: 1 }).sentence).toContain("CPL is 2 and the DPL of gate 80h is 1")
  })
})
