import { describe, expect, test } from "vitest"
import { readOutput } from "../../lessons/src/output/read"
import { drawFrame } from "../../src/views/draw/draw"
import type { RecordingOutput } from "../../src/views/output"
import { faultFrame, recordingOutput } from "../views/fixture"

const experiment = {
  kind: "experiment",
  core: "0.1.0",
  experiment: "doubling",
  values: { x: 3, how: "plain" },
}
const exercise = { kind: "exercise", core: "0.1.0", exercise: "two", seed: 7 }

const withTimeline = (part: object) => ({
  ...recordingOutput,
  timeline: { ...recordingOutput.timeline, ...part },
})

test.each([recordingOutput, { ...recordingOutput, view: faultFrame }, experiment, exercise])(
  "a sound output is read as it is: $kind",
  (output) => {
    expect(readOutput(output)).toEqual({ output })
  },
)

describe("what is not an output gives a sentence that names the place", () => {
  test.each([
    [null, "the output should be an object"],
    ["text", "the output should be an object"],
    [{ kind: "movie" }, "the output.kind should be one of recording, pair, experiment, exercise"],
    [{ ...recordingOutput, title: 7 }, "recording.title should be text"],
    [{ ...exercise, seed: -1 }, "exercise.seed should be a number from 0"],
    [{ ...recordingOutput, view: { ...recordingOutput.view, step: 99 } }, "recording.view.step"],
    [{ ...recordingOutput, timeline: { ...recordingOutput.timeline, rings: [] } }, "begins at step 0"],
    [{ ...recordingOutput, timeline: { ...recordingOutput.timeline, rings: [[0, 4]] } }, "rings[0][1]"],
    [
      withTimeline({
        marks: [
          [5, 0, 1],
          [4, 0, 1],
        ],
      }),
      "timeline.marks should be in the order of the steps",
    ],
    [withTimeline({ marks: [[25, 0, 1]] }), "timeline.marks should be in the order of the steps"],
    [withTimeline({ steps: 2.5 }), "recording.timeline.steps should be a whole number"],
    [{ ...recordingOutput, title: "x".repeat(1e5) }, "recording.title should be a text of at most 200"],
    [{ ...recordingOutput, pins: Array(1e5).fill("esp") }, "recording.pins should be a list of at most 100"],
  ])("%#", (data, place) => {
    const reading = readOutput(data)
    expect("sentence" in reading && reading.sentence).toContain(place)
  })
})

/** A small seeded generator (mulberry32): the same mutations in every run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const WRONG: readonly unknown[] = [
  null,
  0,
  -1,
  1e308,
  Number.NaN,
  2.5,
  "",
  "\u0000<b>",
  true,
  [],
  [[]],
  {},
  "x".repeat(1e5),
]

/** Put something wrong, or nothing, at a place chosen by chance. */
function mutate(data: unknown, chance: () => number): unknown {
  const copy = structuredClone(data)
  let place = copy as Record<string, unknown>
  for (;;) {
    const keys = Object.keys(place)
    const key = keys[Math.floor(chance() * keys.length)]
    const inner = place[key]
    const deeper =
      typeof inner === "object" && inner !== null && Object.keys(inner).length > 0 && chance() < 0.85
    if (!deeper) {
      if (chance() < 0.25) delete place[key]
      else place[key] = WRONG[Math.floor(chance() * WRONG.length)]
      return copy
    }
    place = inner as Record<string, unknown>
  }
}

test("a thousand mutated outputs give a picture or a sentence each, never an exception", () => {
  const sound = [{ ...recordingOutput, view: faultFrame }, experiment, exercise]
  let sentences = 0
  for (let seed = 0; seed < 1000; seed++) {
    const data = mutate(sound[seed % 5 < 3 ? 0 : (seed % 5) - 2], random(seed))
    const reading = readOutput(data)
    if ("sentence" in reading) {
      sentences++
      expect(reading.sentence, `seed ${seed}`).toMatch(
        /^This output cannot be shown: .+\. Run the cell again/,
      )
      continue
    }
    if (reading.output.kind !== "recording") continue
    const { timeline, view } = reading.output as RecordingOutput
    expect(() => drawFrame(timeline, view, { width: 900 }), `seed ${seed}`).not.toThrow()
  }
  expect(sentences).toBeGreaterThan(500)
})
