import { describe, expect, expectTypeOf, test } from "vitest"
import { choice, explore, range, toggle } from "../../src/index"

describe("a function gets for its parameters what its controls give:", () => {
  test("a number, one of the options, and true or false", () => {
    explore({ a: range(0, 10), mode: choice("x", "y"), on: toggle() }, (values) => {
      expectTypeOf(values.a).toEqualTypeOf<number>()
      expectTypeOf(values.mode).toEqualTypeOf<"x" | "y">()
      expectTypeOf(values.on).toEqualTypeOf<boolean>()
    })
  })

  test("options that come as a list with settings are known one by one, too", () => {
    explore({ mode: choice(["x", "y"], { value: "y", label: "Mode" }) }, ({ mode }) => {
      expectTypeOf(mode).toEqualTypeOf<"x" | "y">()
    })
  })

  test("and no other parameter", () => {
    // @ts-expect-error there is no parameter b
    explore({ a: range(0, 10) }, ({ b }) => b)
  })
})

describe("a range", () => {
  test("goes from its first end in steps of one, or of a hundredth where an end is not whole", () => {
    expect(range(2, 8)).toMatchObject({ min: 2, max: 8, value: 2, step: 1 })
    expect(range(0, 0.5)).toMatchObject({ step: 0.005 })
  })

  test("has the unit, label, step and first value that are said", () => {
    const settings = { unit: "Hz", label: "Rate", step: 5, value: 20 }
    expect(range(10, 100, settings)).toEqual({ kind: "range", min: 10, max: 100, ...settings })
  })

  test.each([
    [() => range(3, 3), "a range from 3 to 3 is empty: its first end must be the smaller number"],
    [() => range(0, Number.NaN), "a range from 0 to NaN is empty"],
    [() => range(0, 9, { step: 0 }), "a range from 0 to 9 cannot go in steps of 0"],
    [() => range(0, 9, { value: 10 }), "a range from 0 to 9 cannot begin at 10"],
  ])("that makes no sense is refused with a sentence: %s", (make, sentence) => {
    expect(make).toThrow(sentence)
  })
})

test("a choice begins with its first option, or with the one that is said", () => {
  expect(choice("x", "y").value).toBe("x")
  expect(choice(["x", "y"], { value: "y" }).value).toBe("y")
  expect(() => choice([])).toThrow("a choice among nothing cannot begin with undefined")
})

test("a toggle is off at first, unless it is said to be on", () => {
  expect(toggle().value).toBe(false)
  expect(toggle({ value: true, label: "TLB" })).toEqual({ kind: "toggle", label: "TLB", value: true })
})

test("without a function there is nothing to explore, and explore() says so", () => {
  expect(() => explore({ a: range(0, 1) }, undefined as never)).toThrow("explore() needs a function to run")
})
