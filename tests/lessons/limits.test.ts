/** What an output may become is asked before it becomes that, and one more than the most is refused in a sentence. */
import { describe, expect, test } from "vitest"
import { readOutput } from "../../lessons/src/output/read"
import { replay } from "../../src/exercises/replayed"
import { assemble } from "../../src/isa/assemble"
import { compress, expand, expandedLength } from "../../src/numbers/compress"
import { random } from "../../src/numbers/random"
import { pc } from "../../src/pc"
import { createPlayer } from "../../src/player"
import { checkCarried } from "../../src/views/carried"
import { LIMITS } from "../../src/views/limits"
import type { RecordingOutput } from "../../src/views/output"
import { packed, unpacked, unpackedTimeline } from "../../src/views/packed"
import type { Answer } from "../../src/views/player"
import { record } from "../../src/views/record"
import { recordingOutput } from "../views/fixture"

/** Four characters that stand for 69, which were there three characters before. */
const COPY = "~/AD"
/** What no compressed text has. Whoever comes to it has unpacked all that stands before. */
const DAMAGE = "~!"
/** A text that becomes so long, and is found to be damaged by who unpacks it. */
const bomb = (becomes: number) => `[1,${COPY.repeat(Math.ceil(becomes / 69))}${DAMAGE}`

const sentenceOf = (output: unknown) => {
  const reading = readOutput(output)
  return "sentence" in reading ? reading.sentence : "shown"
}

describe("a packed part of a few bytes that would become too large", () => {
  test.each(["timeline", "recording"] as const)(
    "is refused before it is unpacked, in place of the picture: %s",
    (part) => {
      const text = bomb(LIMITS[part])
      expect(text.length).toBeLessThan(LIMITS[part] / 15)
      expect(sentenceOf({ ...recordingOutput, [part]: text })).toMatch(
        RegExp(
          `^This output cannot be shown: the output's ${part} would become [\\d,]+ characters, and at most [\\d,]+ are opened\\. Run the cell again`,
        ),
      )
    },
  )

  test("is refused by the player and by a grader, too", () => {
    const recording = bomb(LIMITS.recording)
    let told: Answer | undefined
    const output = { ...recordingOutput, recording }
    createPlayer().handle({ id: 1, do: "open", recording: 1, output }, (answer) => (told = answer))
    const sentence = expect.stringMatching(/the output's recording would become [\d,]+ characters/)
    expect(told).toEqual({ id: 1, is: "sorry", sentence })
    expect(() => replay({ recording }, assemble("hlt"))).toThrow("the output's recording would become")
  })

  test("is refused when it would become more lists than are opened", () => {
    const text = compress(`{"marks":[${"[],".repeat(LIMITS.lists)}`)
    expect(sentenceOf({ ...recordingOutput, timeline: text })).toContain(
      "the output's timeline would become 4,000,002 lists, and at most 4,000,000 are opened",
    )
  })
})

test("how long a compressed text was is known without making it, in texts of every kind", () => {
  for (let seed = 0; seed < 300; seed++) {
    const chance = random(seed)
    const letters = ["~ab", "[],", "~", "0123456789", "xyz~~A"][chance.below(5)]
    const text = Array.from({ length: chance.below(400) }, () => letters[chance.below(letters.length)]).join(
      "",
    )
    expect(expandedLength(compress(text)), `seed ${seed}`).toBe(expand(compress(text)).length)
  }
})

test("a run of which a million marks are kept is far below what is opened", () => {
  const steps = LIMITS.steps
  const every = Math.floor(steps / LIMITS.marks)
  const marks = Array.from(
    { length: LIMITS.marks },
    (_, n) => [(n + 1) * every, n % 3 === 0 ? 5 : 3, n % 3 === 0 ? 0xffff_f000 : (n % 3) + 1] as const,
  )
  const rings = [
    [0, 0] as const,
    ...marks.filter(([, kind]) => kind === 3).map(([at, , to]) => [at, to] as const),
  ]
  const timeline = { steps, marks, rings, end: "The recording ends." }
  const output = packed({ ...recordingOutput, timeline }) as { timeline: string }
  expect(expandedLength(output.timeline)).toBeLessThan(LIMITS.timeline * 0.8)
  const opened = unpackedTimeline(output.timeline) as typeof timeline
  expect(opened.marks.length).toBe(LIMITS.marks)
  expect([opened.marks.at(-1), opened.rings.at(-1)]).toEqual([marks.at(-1), rings.at(-1)])
})

/** A list that is longer by one than the most, made of an item that is there already. */
const oneMore = (item: unknown, most: number) => Array(most + 1).fill(item)

describe("one more than the most is refused, and the place is named", () => {
  const { view } = recordingOutput
  const [panel] = view.memory
  const cell = { name: "EAX", value: 1 }
  const row = { index: 8, name: "code", detail: "base 0", dpl: 0 }
  const line = { address: 1, text: "nop" }
  const most = LIMITS.frame
  test.each<readonly [string, unknown]>([
    ["events", oneMore("walk", most.events)],
    ["changes", oneMore({ what: "register", name: "EAX", old: "1", value: "2" }, most.changes)],
    ["cycles.step", { step: oneMore(["work", 1], most.causes), total: 1 }],
    ["code", oneMore(line, most.code)],
    ["registers", oneMore(cell, most.registers)],
    ["flags", oneMore(cell, most.registers)],
    ["segments", oneMore(cell, most.registers)],
    ["control", oneMore(cell, most.registers)],
    ["stack", oneMore({ address: 1, value: 1 }, most.stack)],
    ["idt", oneMore(row, most.table)],
    ["gdt", oneMore(row, most.table)],
    ["memory", oneMore(panel, most.pins)],
    ["memory[0].rows", [{ ...panel, rows: oneMore(panel.rows[0], most.rows) }]],
    ["memory[0].rows[0].bytes", [{ ...panel, rows: [{ ...panel.rows[0], bytes: oneMore(0, most.bytes) }] }]],
    ["devices", oneMore(cell, most.devices)],
  ])("view.%s", (place, value) => {
    const output = { ...recordingOutput, view: { ...view, [place.split(/[.[]/)[0]]: value } }
    expect(sentenceOf(output)).toContain(`recording.view.${place} should be a list of at most`)
  })

  test.each(["marks", "rings"] as const)("timeline.%s", (part) => {
    const { timeline } = recordingOutput
    const longer = oneMore(timeline[part][0], LIMITS.marks + (part === "rings" ? 1 : 0))
    const sentence = `recording.timeline.${part} should be a list of at most`
    expect(sentenceOf({ ...recordingOutput, timeline: { ...timeline, [part]: longer } })).toContain(sentence)
  })
})

describe("one more than a replayed machine may have is refused", () => {
  const sound = record(pc({ memory: 1 }).load(assemble("hlt")), { steps: 1 }).output() as RecordingOutput
  type Run = { devices: Record<string, unknown>[]; pages: unknown[]; state: { clock: { queue: unknown } } }
  const changed = (change: (run: Run) => void) => {
    const recording = JSON.parse(JSON.stringify(unpacked(sound.recording, "recording")))
    change(recording.run)
    return () => checkCarried(recording)
  }
  const event = { at: 1, sequence: 1, device: "pit", tag: 1 }
  test.each<readonly [string, (run: Run) => void]>([
    ["run.devices", (run) => (run.devices = oneMore(run.devices[0], LIMITS.devices))],
    ["run.devices[0].ports", ({ devices }) => (devices[0].ports = oneMore([0, 0xffff], LIMITS.spans))],
    ["run.devices[0].ports[0][1]", ({ devices }) => (devices[0].ports = [[0, 0x1_0000]])],
    ["run.devices[0].memory", ({ devices }) => (devices[0].memory = oneMore([0, 4095], LIMITS.spans))],
    ["run.pages[0][1]", ({ pages }) => (pages[0] = [0, "A".repeat(LIMITS.page + 1)])],
    ["run.state.clock.queue", ({ state }) => (state.clock.queue = oneMore(event, LIMITS.events))],
  ])("%s", (place, change) => {
    expect(changed(() => {})).not.toThrow()
    expect(changed(change)).toThrow(`the recording in this output is damaged (recording.${place} should be`)
  })
})
