import { describe, expect, test } from "vitest"
import { createRead, interruptInput, newInputLine } from "../../kernel/src/session/node/asking/input"
import { Cell, Interrupted } from "../../kernel/src/session/run/cell"
import { createHooks } from "../../kernel/src/session/run/hooks"

/** What cannot be had in a real kernel at will: an interrupt, or an answer, at the worst moment. */

describe("a cell that is about to ask", () => {
  /** Reads a line for a cell of one's own. Whoever would be asked answers nothing, so that no wait begins. */
  function setUp() {
    const cell = new Cell("one", false, true)
    const flag = new Int32Array(new SharedArrayBuffer(4))
    const line = newInputLine()
    const ask = (): never => {
      throw new Error("the reader was asked")
    }
    const read = createRead(
      { cell } as never,
      line,
      createHooks(flag, () => cell),
      ask,
    )
    return { cell, flag, line, read }
  }

  test("asks", () => {
    expect(() => setUp().read("?")).toThrow("the reader was asked")
  })

  test("is interrupted by what came just before it was ready to be woken", () => {
    const { flag, line, read } = setUp()
    Atomics.store(flag, 0, 1)
    interruptInput(line)
    expect(() => read("?")).toThrow(Interrupted)
  })

  test("is told that its time is over, once it has ended", () => {
    const { cell, read } = setUp()
    cell.finished = true
    expect(() => read("?")).toThrow("the cell that asks has ended")
  })
})
