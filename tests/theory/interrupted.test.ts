import { afterEach, expect, test } from "vitest"
import { CONDITIONS } from "../../src/theory/classification"
import { classify } from "../../src/theory/ia32/classify"

const HOST = Symbol.for("ringlab.host")
afterEach(() => Reflect.deleteProperty(globalThis, HOST))

test("a search ends before the next states when the notebook's host wants its cell to stop", () => {
  let asked = 0
  const done: number[] = []
  Object.assign(globalThis, { [HOST]: { stopRequested: () => ++asked > 10 } })
  const search = () => classify(CONDITIONS, { states: 1_000_000, progress: (form) => done.push(form) })
  expect(search).toThrow("the search was interrupted before it had a result")
  expect(asked).toBe(11)
  expect(done).toEqual([])
})
