/** What an exercise's page decides without a page: what counts as a try. */
import type { Feedback } from "ringlab"
import { describe, expect, test } from "vitest"
import { Tries } from "../../lessons/src/exercise/tries"

const miss: Feedback = { right: false, text: "Look again." }
const LONG = 60_000

/** Tries, and a clock that only the test moves. */
function begun(misses?: number) {
  const clock = { time: 0 }
  const tries = new Tries(() => clock.time)
  tries.begin(misses)
  /** Answer after so many milliseconds. */
  const answer = (text: string, after = LONG, feedback = miss) => {
    clock.time += after
    tries.told(feedback, text)
    return tries.areEnough
  }
  return { tries, answer }
}

describe("what is earned by trying", () => {
  test("comes with the second honest miss", () => {
    const { answer } = begun()
    expect([answer("1"), answer("2"), answer("3")]).toEqual([false, true, true])
  })

  test("does not come by giving the same answer again", () => {
    const { answer } = begun()
    expect([answer("1"), answer("1"), answer("1"), answer("2")]).toEqual([false, false, false, true])
  })

  test("does not come by what cannot be read or looks at nothing", () => {
    const { answer } = begun()
    const unread: Feedback = { ...miss, counts: false }
    expect([answer("1"), answer("x", LONG, unread), answer("y", LONG, unread)]).toEqual([false, false, false])
  })

  test("does not come by clicking through the options sooner than one can read", () => {
    const { answer } = begun()
    expect([answer("1", 500), answer("2", 500), answer("3", 500), answer("4", 1999)]).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  test("is kept from the last visit, and begins anew with another question", () => {
    const { tries, answer } = begun(1)
    expect(answer("1")).toBe(true)
    tries.begin()
    expect(tries.areEnough).toBe(false)
  })
})
