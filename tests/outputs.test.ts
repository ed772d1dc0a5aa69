/**
 * What notebooks carry that were saved under earlier releases: it opens for ever. `tests/vectors/outputs/FORMAT.md` says
 * where the files come from.
 */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { readExploration } from "../lessons/src/explore/read"
import { readOutput } from "../lessons/src/output/read"
import { Player, type WorkerLike } from "../lessons/src/player/player"
import { RecordingModel } from "../lessons/src/recording/model"
import { replay } from "../src/exercises/replayed"
import { EXPLORE_TYPE } from "../src/explore/output"
import { assemble } from "../src/isa/assemble"
import { createPlayer } from "../src/player"
import type { Classification } from "../src/theory/classification"
import { recheck } from "../src/theory/ia32/recheck"
import type { Output, RecordingOutput } from "../src/views/output"
import { unpacked, unpackedTimeline } from "../src/views/packed"
import { pinOf010 } from "../src/views/watches"
import { asker, type Bundle, carriedIn, look } from "./oracles/outputs/look"

interface Kept {
  readonly name: string
  readonly data: Bundle
  /** What is answered to an exercise. */
  readonly answers?: readonly string[]
  /** What there was to see; undefined where only the kernel's result is carried. */
  readonly seen?: object
}

const vectors = fileURLToPath(new URL("vectors/outputs", import.meta.url))
const folders = readdirSync(vectors, { withFileTypes: true }).filter((entry) => entry.isDirectory())

const outputsOf = (release: string, file: string): readonly Kept[] =>
  JSON.parse(readFileSync(`${vectors}/${release}/${file}`, "utf8")).outputs

/** Release, name and output. */
const kept = folders.flatMap(({ name: release }) =>
  readdirSync(`${vectors}/${release}`).flatMap((file) =>
    outputsOf(release, file).map((output) => [release, output.name, output] as const),
  ),
)
const carrying = <Kind extends Output["kind"]>(kind: Kind) =>
  kept.flatMap(([release, name, { data }]) => {
    const output = carriedIn(data)
    return output?.kind === kind ? [[release, name, output as Extract<Output, { kind: Kind }>] as const] : []
  })

/** A bundle's own parts that the extension draws, as it reads them. */
function readingsOf(data: Bundle) {
  const output = carriedIn(data)
  const exploration = data[EXPLORE_TYPE]
  return [
    ...(output === undefined ? [] : [readOutput(output)]),
    ...(exploration === undefined ? [] : [readExploration(exploration)]),
  ]
}

/** A recording as the extension reads it. @throws Error with the extension's sentence */
function readRecording(output: RecordingOutput): RecordingOutput {
  const reading = readOutput(output)
  if ("sentence" in reading) throw new Error(reading.sentence)
  return reading.output as RecordingOutput
}

/** The page's player with a worker that is none: requests and answers are copied as for one. */
function pagePlayer(): Player {
  const player = createPlayer()
  const worker: WorkerLike = {
    onmessage: null,
    onerror: null,
    postMessage: (request) =>
      player.handle(structuredClone(request), (data) => worker.onmessage?.({ data: structuredClone(data) })),
    terminate: () => {},
  }
  return new Player(() => worker)
}

/** Go to a step as a reader does; done when it is shown, or cannot be. */
const shown = (model: RecordingModel, step: number) =>
  new Promise<void>((done) => {
    model.changed.connect(() => void ((model.frame.step === step || model.failed) && done()))
    model.goTo(step)
  })

test("outputs of each kind are kept of each release", () => {
  const kinds = ["recording", "experiment", "exercise", "classification", "witness"] as const
  for (const { name } of folders)
    for (const kind of kinds)
      expect(
        carrying(kind).filter(([release]) => release === name).length,
        `${name}: ${kind}`,
      ).toBeGreaterThan(0)
})

test.each(kept)(
  "release %s, %s: the extension reads it and finds nothing wrong",
  (_release, _name, { data }) => {
    expect(readingsOf(data).filter((reading) => "sentence" in reading)).toEqual([])
  },
)

test.each(kept.filter(([, , { seen }]) => seen))(
  "release %s, %s: there is to see what there was then, without a warning",
  async (_release, _name, { data, answers, seen }) => {
    expect(await look(carriedIn(data) as Output, answers)).toEqual(seen)
  },
)

describe.each(carrying("recording"))("release %s, %s, played again", (_release, _name, output) => {
  test("ends where it ended, with the timeline and the picture that the notebook carries", async () => {
    const ask = asker()
    const read = readRecording(output)
    const { timeline, warning } = await ask({ do: "open", recording: 1, output: read }, "opened")
    const { step, registers } = read.view
    const pins = read.watches ?? read.pins.map(pinOf010)
    const { frame } = await ask({ do: "frame", recording: 1, step, options: { pins } }, "frame")
    expect(warning).toBeUndefined()
    expect({ ...timeline, end: "" }).toEqual({ ...read.timeline, end: "" })
    expect(frame.registers).toEqual(registers)
    const bytes = read.view.memory.map(({ rows }) => rows.flatMap(({ bytes }) => bytes))
    expect((frame.watches ?? []).map(({ values }) => values)).toEqual(
      read.view.watches?.map(({ values }) => values) ?? bytes,
    )
  })

  test("is shown to its end on the page, which has nothing to remark", async () => {
    const read = readRecording(output)
    const model = new RecordingModel(pagePlayer(), read)
    await shown(model, read.timeline.steps)
    const { frame, failed, notice, pinNotice } = model
    expect({ step: frame.step, failed, notice, pinNotice }).toEqual({
      step: read.timeline.steps,
      failed: false,
      notice: "",
      pinNotice: "",
    })
    model.dispose()
  })

  test("is the same unpacked, as a graded cell may have it", async () => {
    const { recording, timeline } = output
    const plain = {
      ...output,
      recording: unpacked(recording, "recording"),
      timeline: unpackedTimeline(timeline),
    } as Output
    expect(await look(plain)).toEqual(await look(output))
  })
})

/** All pairs that a classification carries. */
const witnessesIn = ({ forms }: Classification) => forms.flatMap(({ witnesses }) => Object.values(witnesses))

test.each(carrying("classification"))(
  "release %s, %s: each witness shows again what it showed",
  (_release, _name, { classification }) => {
    const witnesses = witnessesIn(classification)
    const lost = witnesses.filter((witness) => !recheck(witness, classification.conditions).holds)
    expect(witnesses.length).toBeGreaterThan(50)
    expect(lost.map(({ form, shows }) => `${form}: ${shows}`)).toEqual([])
  },
)

test.each(carrying("recording").filter(([, name]) => name === "foreign-device-on-a-bare-pc"))(
  "release %s, %s: a recording is an answer that can be graded",
  (_release, _name, output) => {
    const program = assemble("org 0x1000\nmov dx, 0x330\nmov al, 2\nout dx, al\nin al, dx\nhlt")
    expect(replay(output, program).cpu.reg[0] & 0xff).toBe(42)
  },
)
