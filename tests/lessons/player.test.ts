import { getEventListeners } from "node:events"
import { describe, expect, test } from "vitest"
import { Latest } from "../../lessons/src/latest"
import { breather } from "../../lessons/src/player/breath"
import { Cancelled, Crashed, Player, Sorry, type WorkerLike } from "../../lessons/src/player/player"
import type { Answer, Request } from "../../src/views/player"
import { createFakePlayer } from "./fake-player"

/** A worker on this side of the fence, which answers when it is told to. */
class HandWorker implements WorkerLike {
  onmessage: WorkerLike["onmessage"] = null
  onerror: WorkerLike["onerror"] = null
  readonly asked: Request[] = []
  terminated = false
  postMessage(request: Request): void {
    this.asked.push(request)
  }
  answer(answer: Answer): void {
    this.onmessage?.({ data: answer })
  }
  terminate(): void {
    this.terminated = true
  }
}

function setUp(patience?: number) {
  const workers: HandWorker[] = []
  const player = new Player(() => {
    workers.push(new HandWorker())
    return workers[workers.length - 1]
  }, patience)
  return { player, workers }
}

const DESCRIBE = { do: "describe", experiment: "doubling" } as const

describe("a player", () => {
  test("starts its worker with the first question, not before", async () => {
    const { player, workers } = setUp()
    expect(workers.length).toBe(0)
    void player.ask(DESCRIBE, "described")
    expect(workers.length).toBe(1)
  })

  test("gives each question its own answer, in whatever order they come", async () => {
    const { player, workers } = setUp()
    const first = player.ask({ do: "close", recording: 1 }, "closed")
    const second = player.ask({ do: "find", recording: 1, kind: "trap", from: 0, direction: 1 }, "found")
    const [{ id: one }, { id: two }] = workers[0].asked
    workers[0].answer({ id: two, is: "found", step: 7 })
    workers[0].answer({ id: one, is: "closed" })
    expect((await second).step).toBe(7)
    expect((await first).is).toBe("closed")
  })

  test("turns “sorry” into an error with its sentence", async () => {
    const { player, workers } = setUp()
    const asked = player.ask(DESCRIBE, "described")
    workers[0].answer({ id: workers[0].asked[0].id, is: "sorry", sentence: "There is no such experiment." })
    await expect(asked).rejects.toThrow(new Sorry("There is no such experiment."))
  })

  test("passes progress on without taking it for the answer", async () => {
    const { player, workers } = setUp()
    const heard: number[] = []
    const asked = player.ask(DESCRIBE, "closed", (done) => heard.push(done))
    const { id } = workers[0].asked[0]
    workers[0].answer({ id, is: "progress", done: 5, of: 10 })
    workers[0].answer({ id, is: "closed" })
    await asked
    expect(heard).toEqual([5])
  })

  test("cancels a question by its signal, and waits for what the worker says to that", async () => {
    const { player, workers } = setUp()
    const cancelling = new AbortController()
    const asked = player.ask(DESCRIBE, "described", undefined, cancelling.signal)
    const [{ id }] = workers[0].asked
    cancelling.abort()
    expect(workers[0].asked[1]).toEqual({ id, do: "cancel" })
    workers[0].answer({ id, is: "cancelled" })
    await expect(asked).rejects.toThrow(Cancelled)
  })

  test("asks nothing that is cancelled before it is asked", async () => {
    const { player, workers } = setUp()
    await expect(player.ask(DESCRIBE, "described", undefined, AbortSignal.abort())).rejects.toThrow(Cancelled)
    expect(workers.length).toBe(0)
  })

  test("ends a worker that does not even say that it has cancelled, and all of its questions with it", async () => {
    const { player, workers } = setUp(0)
    const cancelling = new AbortController()
    const asked = player.ask(DESCRIBE, "described", undefined, cancelling.signal)
    const other = player.ask(DESCRIBE, "described")
    cancelling.abort()
    await expect(asked).rejects.toThrow(Crashed)
    await expect(other).rejects.toThrow("The simulation stopped unexpectedly (it did not answer)")
    expect(workers[0].terminated).toBe(true)
  })

  test("cancels nothing that is answered already", async () => {
    const { player, workers } = setUp()
    const cancelling = new AbortController()
    const asked = player.ask({ do: "close", recording: 1 }, "closed", undefined, cancelling.signal)
    workers[0].answer({ id: workers[0].asked[0].id, is: "closed" })
    await asked
    cancelling.abort()
    expect(workers[0].asked.length).toBe(1)
  })

  test("leaves nothing behind on a signal that many questions share", async () => {
    const { player, workers } = setUp()
    const { signal } = new AbortController()
    const ask = () => player.ask({ do: "close", recording: 1 }, "closed", undefined, signal)
    const [answered, crashed] = [ask(), ask()]
    expect(getEventListeners(signal, "abort").length).toBe(2)
    workers[0].answer({ id: workers[0].asked[0].id, is: "closed" })
    await answered
    expect(getEventListeners(signal, "abort").length).toBe(1)
    workers[0].onerror?.({})
    await expect(crashed).rejects.toThrow(Crashed)
    expect(getEventListeners(signal, "abort").length).toBe(0)
  })

  test("fails what is under way when the worker crashes, and starts another for the next question", async () => {
    const { player, workers } = setUp()
    const asked = player.ask(DESCRIBE, "described")
    workers[0].onerror?.({ message: "out of memory" })
    await expect(asked).rejects.toThrow("The simulation stopped unexpectedly (out of memory)")
    expect(workers[0].terminated).toBe(true)
    void player.ask(DESCRIBE, "described")
    expect(workers.length).toBe(2)
    expect(player.generation).toBe(1)
  })
})

test("of many values only the first and the newest are worked on", async () => {
  const worked: number[] = []
  let finish: () => void = () => {}
  const latest = new Latest<number>(async (value) => {
    worked.push(value)
    await new Promise<void>((resolve) => {
      finish = resolve
    })
  })
  for (let value = 1; value <= 50; value++) latest.push(value)
  expect(worked).toEqual([1])
  finish()
  await Promise.resolve()
  await Promise.resolve()
  expect(worked).toEqual([1, 50])
})

/** Work that ends by hand, and writes down what it began and what it was told is old. */
function handWork() {
  const worked: number[] = []
  const old: number[] = []
  let finish: () => void = () => {}
  const latest = new Latest<number>((value, signal) => {
    worked.push(value)
    signal.addEventListener("abort", () => old.push(value))
    return new Promise<void>((resolve) => (finish = resolve))
  })
  const settle = async () => {
    finish()
    await Promise.resolve()
    await Promise.resolve()
  }
  return { worked, old, latest, settle }
}

test("a value that is not the newest any more is told so, and the newest is not", async () => {
  const { worked, old, latest, settle } = handWork()
  for (const value of [1, 2, 3]) latest.push(value)
  expect(old).toEqual([1])
  await settle()
  expect([worked, old]).toEqual([[1, 3], [1]])
})

test("after a cancel no value is worked on, until another comes", async () => {
  const { worked, old, latest, settle } = handWork()
  latest.push(1)
  latest.push(2)
  latest.cancel()
  await settle()
  expect([worked, old]).toEqual([[1], [1]])
  latest.push(3)
  expect(worked).toEqual([1, 3])
})

test("long work rests once in a slice of time, which begins anew with each message", async () => {
  let [time, rests] = [1000, 0]
  const { begin, breathe } = breather(
    50,
    () => time,
    async () => void rests++,
  )
  begin()
  for (let yields = 0; yields < 100; yields++, time += 10) await breathe()
  expect(rests).toBe(19)
  time += 50
  expect(breathe()).toBeInstanceOf(Promise)
  begin()
  time += 49
  expect(breathe()).toBe(undefined)
})

test("the made-up player answers every kind of question", () => {
  const answers: Answer[] = []
  const player = createFakePlayer()
  player.handle({ id: 1, do: "experiment", experiment: "doubling", values: { x: 4 } }, (answer) =>
    answers.push(answer),
  )
  expect(answers).toMatchObject([{ id: 1, is: "result", result: { sentence: "Twice 4 is 8." } }])
})
