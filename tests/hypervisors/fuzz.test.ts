import { expect, test, vi } from "vitest"
import { divergence } from "./beside-bare"
import { isWellBehaved, randomKernel } from "./random-kernel"

/** Long runs, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 })

/** `npm run fuzz -- hypervisors` tries many more. */
const KERNELS = 150

test("random kernels do under trap-and-emulate what they do on bare metal, at each exit and at the end", () => {
  const diverging = Array.from({ length: KERNELS }, (_, n) => n + 1)
    .map((seed) => ({ seed, how: divergence(randomKernel(seed)) }))
    .filter(({ how }) => how !== "")
  expect(diverging).toEqual([])
})

test.each([
  [402_762, "INVLPG of a page while its table's entry has no accessed bit"],
  [603_547, "INVLPG of a page that was used with another CR0.WP"],
  [605_150, "the same, and back again"],
  [1_051_441, "INVLPG of a page whose table other pages are used through with another CR0.WP"],
])("kernel %i, which once differed, does not: %s", (seed) => {
  expect(divergence(randomKernel(seed))).toBe("")
})

test.each([
  [1_039_460, "POPF in ring 0, in a code segment with a base"],
  [707_708, "POPF in ring 0, where a line for ring 3 was made"],
  [805_570, "PUSHF behind a gate to ring 3 that clears IF"],
  [806_254, "IRETD in ring 3 with an IOPL that lets it set IF"],
])("kernel %i tells of the real processor, and is given up: %s", (seed) => {
  const seen: Record<string, number> = {}
  expect(divergence(randomKernel(seed), seen)).toBe("")
  expect(seen.told).toBe(1)
})

test("random kernels are the same for the same seed, and ask for nothing that tells of the real processor", () => {
  expect(randomKernel(7)).toEqual(randomKernel(7))
  expect(Array.from({ length: 50 }, (_, seed) => randomKernel(seed)).every(isWellBehaved)).toBe(true)
})
