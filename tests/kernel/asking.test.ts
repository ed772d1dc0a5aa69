import { describe, expect, test } from "vitest"
import { createRead, interruptInput, newInputLine } from "../../kernel/src/session/node/asking/input"
import { Cell, Interrupted } from "../../kernel/src/session/run/cell"
import { createHooks } from "../../kernel/src/session/run/hooks"
import { Kernel } from "../../kernel/src/transport/kernel"
import type { Outgoing } from "../../kernel/src/transport/message"

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

describe("what a reader writes", () => {
  const header = (msg_id: string, msg_type: string) => ({ msg_id, msg_type }) as never
  const message = (type: string, content: object, parent: object = {}): never =>
    ({ identities: [], header: header("a cell", type), parent, content, metadata: {}, buffers: [] }) as never

  /** A kernel with a cell that runs until it is told to end, a place that keeps what is sent, and a session what it hears. */
  function setUp() {
    const [sent, heard]: [Outgoing[], string[]] = [[], []]
    let end: (reply: object) => void = () => {}
    const session = {
      request: () => new Promise((resolve) => (end = resolve)),
      tell: ({ text }: { text: string }) => heard.push(text),
      onInput: (_: object) => {},
    }
    const place = { send: (_: string, message: Outgoing) => sent.push(message) }
    const kernel = new Kernel(place as never, session as never, { overhears: () => false } as never)
    kernel.receive("shell", message("execute_request", { code: "", allow_stdin: true }))
    const questions = () => sent.filter(({ type }) => type === "input_request")
    return {
      heard,
      /** Lets the cell ask. @returns the header of its question, as a front end gives it back */
      ask(): object {
        session.onInput({ kind: "input", parent: "a cell", prompt: "?" })
        return header(String(questions().at(-1)?.id), "input_request")
      },
      answer: (value: string, parent?: object) =>
        kernel.receiveInput(message("input_reply", { value }, parent)),
      endCell: async () => {
        end({ status: "ok" })
        await new Promise((resolve) => setImmediate(resolve))
      },
      questions,
    }
  }

  test("answers the question that is open, whether or not it names one", () => {
    const { heard, ask, answer } = setUp()
    answer("one", ask())
    ask()
    answer("two")
    ask()
    answer("three", header("a cell", "execute_request"))
    expect(heard).toEqual(["one", "two", "three"])
  })

  test("answers no question but the one that it names", () => {
    const { heard, ask, answer } = setUp()
    const first = ask()
    const second = ask() // the first was interrupted, and the cell went on
    answer("late", first)
    answer("in time", second)
    expect(heard).toEqual(["in time"])
  })

  test("answers once", () => {
    const { heard, ask, answer } = setUp()
    const question = ask()
    for (const value of ["once", "twice"]) answer(value, question)
    answer("thrice")
    expect(heard).toEqual(["once"])
  })

  test("answers nothing when the cell has ended, which may not ask any more", async () => {
    const { heard, ask, answer, endCell, questions } = setUp()
    ask()
    await endCell()
    answer("late")
    ask()
    expect([heard, questions().length]).toEqual([[], 1])
  })
})
