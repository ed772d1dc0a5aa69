import { describe, expect, test } from "vitest"
import { random } from "../../src/numbers/random"

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed)
const first = (seed: number, count: number) => random(seed).below(count)

describe("choices from a seed", () => {
  test("are the same for the same seed", () => {
    const draw = () => {
      const chance = random(7)
      return Array.from({ length: 20 }, () => chance.below(1000))
    }
    expect(draw()).toEqual(draw())
  })

  test("stay the same from version to version, for questions are kept by their seeds", () => {
    const chance = random(1)
    expect([chance.below(1000), chance.below(1000), chance.below(1000)]).toEqual([367, 81, 820])
  })

  test("reach every number below the count, and no other", () => {
    const seen = new Set(SEEDS.map((seed) => first(seed, 10)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test("favour no number: among 200 seeds each of four comes 30 to 70 times", () => {
    const counts = [0, 1, 2, 3].map((wanted) => SEEDS.filter((seed) => first(seed, 4) === wanted).length)
    expect(counts.every((count) => count >= 30 && count <= 70)).toBe(true)
  })

  test("differ between neighbouring seeds at the second choice too", () => {
    const pairs = SEEDS.map((seed) => {
      const chance = random(seed)
      return `${chance.below(8)} ${chance.below(8)}`
    })
    expect(new Set(pairs).size).toBeGreaterThan(50)
  })

  test("shuffling keeps every item once and leaves the given list alone", () => {
    const items = ["a", "b", "c", "d", "e"]
    const orders = new Set(SEEDS.map((seed) => random(seed).shuffled(items).join("")))
    expect([...orders].every((order) => [...order].sort().join("") === "abcde")).toBe(true)
    expect(orders.size).toBeGreaterThan(60)
    expect(items.join("")).toBe("abcde")
  })

  test("a choice among nothing is a mistake of the caller", () => {
    expect(() => random(1).pick([])).toThrow("cannot choose among 0 things")
  })
})
