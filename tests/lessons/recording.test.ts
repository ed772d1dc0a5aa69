import { describe, expect, test, vi } from "vitest"
import { Player, type WorkerLike } from "../../lessons/src/player/player"
import { findMark } from "../../lessons/src/recording/jump"
import { KEYS } from "../../lessons/src/recording/keys"
import { RecordingModel } from "../../lessons/src/recording/model"
import type { Answer, Request } from "../../src/views/player"
import { recordingOutput, timeline } from "../views/fixture"
import { type Change, createFakePlayer, watchedPlayer } from "./fake-player"

/** A model whose player answers at the next tick; `change` may alter an answer. */
function setUp(change?: Change, output = recordingOutput) {
  const { asked, player } = watchedPlayer(change)
  return { asked, model: new RecordingModel(player, output) }
}

/** The fixture's pin, as it is said since release 0.1.0. */
const OLD_PIN = "[message] db 64"

/** Let everything that is under way come to its end. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0))

describe("a recording", () => {
  test("shows the carried frame and asks nothing until it is moved", () => {
    const { asked, model } = setUp()
    expect(model.frame).toBe(recordingOutput.view)
    expect(asked).toEqual([])
  })

  test("is opened once, with the first move, and shows the step asked for", async () => {
    const { asked, model } = setUp()
    model.goTo(5)
    await settle()
    model.goTo(6)
    await settle()
    expect(asked.map((request) => request.do)).toEqual(["open", "frame", "frame"])
    expect(model.frame.step).toBe(6)
  })

  test("is opened once when the reader is about to move, and then the first move asks for its step only", async () => {
    const { asked, model } = setUp()
    model.prepare()
    model.prepare()
    await settle()
    model.prepare()
    model.goTo(5)
    await settle()
    expect(asked.map((request) => request.do)).toEqual(["open", "frame", "frame"])
    expect(model.frame.step).toBe(5)
  })

  test("that is long is not opened before its reader moves", async () => {
    const { asked, model } = setUp((_, answer) => answer, {
      ...recordingOutput,
      timeline: { ...recordingOutput.timeline, steps: 200_001 },
    })
    model.prepare()
    await settle()
    expect(asked).toEqual([])
  })

  test("asks for the newest step only while it scrubs", async () => {
    const { asked, model } = setUp()
    for (let step = 1; step <= 20; step++) model.goTo(step)
    await settle()
    const steps = asked.flatMap((request) => (request.do === "frame" ? [request.step] : []))
    expect(steps.length).toBeLessThanOrEqual(2)
    expect(steps.at(-1)).toBe(20)
  })

  test("keeps steps within the run", () => {
    const { model } = setUp()
    model.goTo(-5)
    expect(model.step).toBe(0)
    model.goTo(1e9)
    expect(model.step).toBe(timeline.steps)
    model.goTo(Number.NaN)
    expect(model.step).toBe(0)
  })

  test("asks for pinned memory, once for each name, until it is unpinned", async () => {
    const { asked, model } = setUp()
    model.pin(" esp+8 ")
    model.pin("esp+8")
    await settle()
    expect(asked.at(-1)).toMatchObject({ do: "frame", options: { pins: [OLD_PIN, "esp+8"] } })
    model.unpin(OLD_PIN)
    await settle()
    expect(asked.at(-1)).toMatchObject({ do: "frame", options: { pins: ["esp+8"] } })
  })

  test("does not take a pin that means nothing, and says why until the next one", async () => {
    const { model } = setUp()
    model.pin("nolabel")
    await settle()
    expect(model.pins).toEqual([OLD_PIN])
    expect(model.frame.watches?.map(({ title }) => title)).toEqual([OLD_PIN])
    expect(model.pinNotice).toBe("“nolabel” names nothing.")
    model.pin("esp")
    await settle()
    expect(model.pins).toEqual([OLD_PIN, "esp"])
    expect(model.pinNotice).toBe("")
  })

  test("watches any number of pins", async () => {
    const { asked, model } = setUp()
    const pins = Array.from({ length: 40 }, (_, n) => `esp+${4 * n}`)
    for (const pin of pins) model.pin(pin)
    await settle()
    expect(asked.at(-1)).toMatchObject({ options: { pins: [OLD_PIN, ...pins] } })
    expect(model.frame.watches?.map(({ title }) => title)).toEqual([OLD_PIN, ...pins])
  })

  test("says that a replay does not match, and goes on showing it", async () => {
    const warning = "This recording was made by another version."
    const { model } = setUp((_, answer) => (answer.is === "opened" ? { ...answer, warning } : answer))
    model.goTo(3)
    await settle()
    expect(model.notice).toBe(warning)
    expect(model.failed).toBe(false)
  })

  test("that cannot be replayed says why and keeps the carried picture", async () => {
    const { model } = setUp(({ id }) => ({ id, is: "sorry", sentence: "Too long." }))
    model.goTo(3)
    await settle()
    expect(model.failed).toBe(true)
    expect(model.notice).toBe("Too long. What you see is the picture that the notebook carries.")
    expect(model.frame).toBe(recordingOutput.view)
    expect(model.step).toBe(recordingOutput.view.step)
  })

  test("that the worker crashed on is no failure: the next move starts another", async () => {
    let crash = true
    const { asked, model } = setUp((request, answer) => {
      if (!crash || request.do !== "open") return answer
      crash = false
      throw new Error("this worker is dead")
    })
    model.goTo(3)
    await settle()
    expect(model.failed).toBe(false)
    expect(model.notice).toMatch(/^The simulation stopped unexpectedly/)
    model.goTo(4)
    await settle()
    expect(asked.map((request) => request.do)).toEqual(["open", "open", "frame"])
    expect(model.frame.step).toBe(4)
  })

  test("is closed in the worker when its widget goes", async () => {
    const { asked, model } = setUp()
    model.goTo(1)
    await settle()
    model.dispose()
    expect(asked.at(-1)?.do).toBe("close")
  })
})

/** A model whose player answers when it is told to. */
function setUpByHand() {
  const asked: Request[] = []
  const fake = createFakePlayer()
  const worker: WorkerLike = {
    onmessage: null,
    onerror: null,
    terminate() {},
    postMessage: (request) => void asked.push(request),
  }
  const hear = (data: Answer) => worker.onmessage?.({ data })
  return {
    asked,
    model: new RecordingModel(new Player(() => worker), recordingOutput),
    told: () => asked.map((request) => request.do),
    /** Say what the worker says of the newest question of a kind: "cancelled", how far it is, or what it has. */
    async say(what: Request["do"], says?: "cancelled" | number) {
      const request = asked.filter((one) => one.do === what).at(-1) as Request
      const { id } = request
      if (says === "cancelled") hear({ id, is: "cancelled" })
      else if (says !== undefined) hear({ id, is: "progress", done: says, of: 100 })
      else fake.handle(request, hear)
      await settle()
    },
  }
}

describe("a recording that is replayed for long", () => {
  test("says how far it is until the step is shown", async () => {
    const { model, say } = setUpByHand()
    model.goTo(5)
    expect([model.replaying, model.progress]).toEqual([true, undefined])
    await say("open", 40)
    expect(model.progress).toEqual([40, 100])
    await say("open")
    await say("frame", 70)
    expect(model.progress).toEqual([70, 100])
    await say("frame")
    expect([model.replaying, model.progress, model.frame.step]).toEqual([false, undefined, 5])
  })

  test("is stopped, keeps its picture, says so, and is opened again by the next move", async () => {
    const { asked, model, say, told } = setUpByHand()
    model.goTo(5)
    await say("open", 40)
    model.stop()
    expect(asked.at(-1)).toEqual({ id: asked[0].id, do: "cancel" })
    await say("open", "cancelled")
    expect([model.replaying, model.failed, model.step]).toEqual([false, false, recordingOutput.view.step])
    expect(model.notice).toBe(
      `The replay was stopped; this run has ${timeline.steps} steps. Move the step to replay it again.`,
    )
    model.goTo(6)
    await say("open")
    await say("frame")
    expect(told()).toEqual(["open", "cancel", "open", "frame"])
    expect([model.frame.step, model.notice]).toEqual([6, ""])
  })

  test("goes on while it is opened when another step is wanted, and shows that one only", async () => {
    const { asked, model, say, told } = setUpByHand()
    for (const step of [5, 6, 7]) model.goTo(step)
    await say("open")
    expect(told()).toEqual(["open", "frame"])
    expect(asked.at(-1)).toMatchObject({ step: 7 })
  })

  test("gives up a far step for a newer one", async () => {
    const { asked, model, say, told } = setUpByHand()
    model.goTo(5)
    await say("open")
    model.goTo(9)
    expect(told()).toEqual(["open", "frame", "cancel"])
    await say("frame", "cancelled")
    expect(asked.at(-1)).toMatchObject({ do: "frame", step: 9 })
    await say("frame")
    expect(model.frame.step).toBe(9)
  })

  test.each(["cancelled", undefined] as const)(
    "is ended in the worker when its widget goes while it is opened; the worker says %s",
    async (says) => {
      const { asked, model, say, told } = setUpByHand()
      model.goTo(5)
      model.dispose()
      expect(told()).toEqual(["open", "cancel"])
      await say("open", says)
      const after = says === undefined ? [{ do: "close", recording: 1 }] : []
      expect(asked.slice(2)).toMatchObject(after)
    },
  )

  test("plays no further before a step is shown", async () => {
    vi.useFakeTimers()
    try {
      const { asked, model } = setUpByHand()
      model.play(() => 10)
      await vi.advanceTimersByTimeAsync(1000)
      expect(model.step).toBe(recordingOutput.view.step + 1)
      expect(asked.length).toBe(1)
      model.pause()
    } finally {
      vi.useRealTimers()
    }
  })
})

describe("jumping", () => {
  test.each([
    ["fault", 0, 1, 18],
    ["fault", 18, 1, null],
    ["fault", 24, -1, 18],
    ["fault", 18, -1, null],
    ["ring", 7, 1, 14],
    ["ring", 7, -1, 3],
    ["port", 0, 1, 10],
    ["cr3", 24, -1, 12],
    ["any", 10, 1, 12],
    ["any", 10, -1, 7],
    ["any", 3, -1, null],
  ] as const)("to %s from step %i in direction %i leads to %s", (target, from, direction, to) => {
    expect(findMark(timeline, target, from, direction)).toBe(to)
  })

  test("to what does not happen leaves the step as it is", () => {
    const { model } = setUp()
    model.goTo(20)
    expect(model.jump("fault", 1)).toBe(false)
    expect(model.step).toBe(20)
  })
})

test("no key does two things", () => {
  const keys = KEYS.flatMap((row) => row.keys)
  expect(new Set(keys).size).toBe(keys.length)
})
