import { describe, expect, test } from "vitest"
import { Player } from "../../lessons/src/player/player"
import { findMark } from "../../lessons/src/recording/jump"
import { KEYS } from "../../lessons/src/recording/keys"
import { RecordingModel } from "../../lessons/src/recording/model"
import type { Answer, Request } from "../../src/views/player"
import { recordingOutput, timeline } from "../views/fixture"
import { createFakePlayer } from "./fake-player"

type Change = (request: Request, answer: Answer) => Answer

/** A model whose player answers at the next tick; `change` may alter an answer. */
function setUp(change: Change = (_, answer) => answer) {
  const asked: Request[] = []
  const fake = createFakePlayer()
  const player = new Player(() => {
    const worker = {
      onmessage: null as ((event: { data: Answer }) => void) | null,
      onerror: null,
      terminate() {},
      postMessage(request: Request) {
        asked.push(request)
        queueMicrotask(() =>
          fake.handle(request, (answer) => worker.onmessage?.({ data: change(request, answer) })),
        )
      },
    }
    return worker
  })
  return { asked, model: new RecordingModel(player, recordingOutput) }
}

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
    expect(asked.at(-1)).toMatchObject({ do: "frame", options: { pins: ["message", "esp+8"] } })
    model.unpin("message")
    await settle()
    expect(asked.at(-1)).toMatchObject({ do: "frame", options: { pins: ["esp+8"] } })
  })

  test("does not take a pin that names nothing, and says so until the next one", async () => {
    const { model } = setUp((request, answer) =>
      answer.is === "frame" && request.do === "frame"
        ? { ...answer, frame: { ...answer.frame, memory: request.options.pins?.map(panel) ?? [] } }
        : answer,
    )
    const panel = (title: string) => ({
      title,
      rows: title === "nolabel" ? [] : [{ address: 0, bytes: [], changed: [] }],
    })
    model.pin("nolabel")
    await settle()
    expect(model.pins).toEqual(["message"])
    expect(model.frame.memory.map(({ title }) => title)).toEqual(["message"])
    expect(model.pinNotice).toBe("“nolabel” names no register, symbol or address.")
    model.pin("esp")
    await settle()
    expect(model.pins).toEqual(["message", "esp"])
    expect(model.pinNotice).toBe("")
  })

  test("shows any number of pinned memories", async () => {
    const { asked, model } = setUp()
    const pins = Array.from({ length: 40 }, (_, n) => `esp+${4 * n}`)
    for (const pin of pins) model.pin(pin)
    await settle()
    expect(asked.at(-1)).toMatchObject({ options: { pins: ["message", ...pins] } })
    expect(model.frame.memory.map(({ title }) => title)).toEqual(["message", ...pins])
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

  test("is closed in the worker when its widget goes", async () => {
    const { asked, model } = setUp()
    model.goTo(1)
    await settle()
    model.dispose()
    expect(asked.at(-1)?.do).toBe("close")
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
