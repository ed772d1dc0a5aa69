/** Two recordings under one set of controls. */
import { describe, expect, test } from "vitest"
import { readOutput } from "../../lessons/src/output/read"
import { PairModel } from "../../lessons/src/recording/pair-model"
import type { PairOutput } from "../../src/views/output"
import { packedPair } from "../../src/views/packed"
import { recordingOutput } from "../views/fixture"
import { type Change, watchedPlayer } from "./fake-player"

const pair: PairOutput = {
  kind: "pair",
  core: recordingOutput.core,
  title: "Both",
  left: recordingOutput,
  right: recordingOutput,
  names: ["one", "other"],
  together: [
    [0, 0, 4],
    [6, 11, 18],
  ],
  first: 6,
}

/** A pair whose player answers at the next tick; `change` may alter an answer. */
function setUp(change?: Change) {
  const { asked, player } = watchedPlayer(change)
  return { asked, model: new PairModel(player, pair) }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0))

describe("a pair", () => {
  test("moves the right recording to the step that belongs to the left one's", async () => {
    const { model } = setUp()
    model.goTo(6)
    await settle()
    expect(model.frames?.map(({ step }) => step)).toEqual([6, 11])
    model.goToOther(3)
    await settle()
    expect(model.frames?.map(({ step }) => step)).toEqual([3, 3])
  })

  test("leaves out steps of the left recording that have no counterpart, on the way on and back", () => {
    const { model } = setUp()
    model.goTo(4)
    model.goTo(5)
    expect([model.step, model.other.step]).toEqual([6, 11])
    model.goTo(5)
    expect([model.step, model.other.step]).toEqual([4, 4])
  })

  test("has no frames while one of the two is on its way", async () => {
    const { model } = setUp()
    model.goTo(6)
    model.frame = { ...model.frame, step: 6 }
    expect(model.frames).toBeUndefined()
    await settle()
    expect(model.frames).toBeDefined()
  })

  test("ends with the right recording where that one is shorter", async () => {
    const { model } = setUp()
    model.goTo(24)
    await settle()
    expect(model.frames?.map(({ step }) => step)).toEqual([24, 24])
  })

  test("watches in both", async () => {
    const { model } = setUp()
    model.pin("eax")
    await settle()
    expect(model.other.pins).toEqual(model.pins)
    model.unpin("eax")
    expect(model.other.pins).not.toContain("eax")
  })

  test("says what went wrong with the right recording, and asks no more for it", async () => {
    const sorry = "The right one is damaged."
    let opened = 0
    const { asked, model } = setUp((request, answer) =>
      request.do === "open" && opened++ > 0 ? { id: request.id, is: "sorry", sentence: sorry } : answer,
    )
    model.goTo(3)
    await settle()
    expect(model.notice).toContain(sorry)
    expect(asked.filter(({ do: what }) => what === "open")).toHaveLength(2)
  })
})

describe("a pair's output", () => {
  test("is read as it was packed", () => {
    expect(readOutput(JSON.parse(JSON.stringify(packedPair(pair))))).toMatchObject({
      output: {
        title: "Both",
        together: pair.together,
        left: { timeline: pair.left.timeline, view: pair.left.view },
      },
    })
  })

  test.each([
    ["a step of the right that is none", { together: [[0, -1, 0]] }],
    [
      "steps in disorder",
      {
        together: [
          [5, 0],
          [0, 1],
        ],
      },
    ],
    ["a side that is no recording", { right: { kind: "pair" } }],
    ["one name", { names: ["one"] }],
  ])("with %s is not shown", (_, part) => {
    expect(readOutput({ ...pair, ...part })).toHaveProperty("sentence")
  })
})
