import { describe, expect, test } from "vitest"
import { type Answer, asm, createPlayer, pc, type RecordingOutput, record } from "../../src/index"
import { checkCarried } from "../../src/views/carried"

const program = asm`  mov eax, 5
  sti
  hlt`
const output = (): RecordingOutput =>
  JSON.parse(JSON.stringify(record(pc({ memory: 1 }).load(program), { steps: 2 }).output()))
const sound = output()

type Fields = Record<string, unknown>
type Place = readonly string[]

/** All places in plain data where something stands, from the whole to its smallest parts. */
function placesIn(data: unknown, place: Place = []): Place[] {
  if (typeof data !== "object" || data === null) return [place]
  return [place, ...Object.entries(data).flatMap(([key, value]) => placesIn(value, [...place, key]))]
}

const at = (data: unknown, place: Place) =>
  place.reduce<unknown>((value, key) => (value as Fields)[key], data)

/** The recording that an output carries, after something was done to it. */
function changed(change: (recording: unknown) => void): unknown {
  const copy = structuredClone(sound.recording)
  change(copy)
  return copy
}

/** As a place is called in a sentence: "recording.run.pages[0][1]". */
const called = (place: Place) =>
  `recording${place.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join("")}`

/** What devices hold is their own affair. */
const FREE = /^recording\.run\.(state\.devices|devices\[\d+\]\.byteWide)/
const looked = placesIn(sound.recording).filter((place) => place.length > 0 && !FREE.test(called(place)))

/** The sentence for a recording whose part at a place is changed. */
function sentenceFor(place: Place, change: (holder: Fields, key: string) => void): string {
  const recording = changed((all) =>
    change(at(all, place.slice(0, -1)) as Fields, place[place.length - 1] as string),
  )
  try {
    checkCarried(recording)
    return "sound"
  } catch (error) {
    return (error as Error).message
  }
}

test("whatever is not what belongs there is named", () => {
  const sentences = looked.map((place) => [
    called(place),
    sentenceFor(place, (holder, key) => (holder[key] = { not: "this" })),
  ])
  expect(sentences.length).toBeGreaterThan(150)
  expect(sentences.filter(([name, sentence]) => !isDamage(sentence, name))).toEqual([])
})

test("whatever is missing from a processor's state, or too much in a row of it, is named", () => {
  const fields = looked.filter(
    (place) => called(place).startsWith("recording.run.state.cpu.") && !/\d/.test(place[place.length - 1]),
  )
  const sentences = fields.flatMap((place) => [
    [called(place), sentenceFor(place, (holder, key) => delete holder[key])],
    ...(Array.isArray(at(sound.recording, place)) && !called(place).endsWith("tlb.entries")
      ? [[called(place), sentenceFor(place, (holder, key) => (holder[key] as unknown[]).push(0))]]
      : []),
  ])
  expect(sentences.length).toBeGreaterThan(20)
  expect(sentences.filter(([name, sentence]) => !isDamage(sentence, name))).toEqual([])
})

const isDamage = (sentence: string, name: string) =>
  sentence.startsWith(`the recording in this output is damaged (${name}`) &&
  sentence.endsWith("); run the cell again")

test("more memory than a replay may have is refused in its own words", () => {
  const sentence = sentenceFor(["run", "options", "memory"], (options) => (options.memory = 257))
  expect(sentence).toBe(
    "the recording in this output is damaged (257 MiB of memory; replays have at most 256); run the cell again",
  )
})

describe("a recording of a newer release, whose state says more", () => {
  const newer = (hash?: string) =>
    changed((all) => {
      const { run } = all as { run: Fields & { state: { cpu: Fields } } }
      run.state.cpu.vmx = { on: true, current: -1 }
      Object.assign(run.state, { later: [1, 2] })
      if (hash) run.hash = hash
    })
  const open = (recording: unknown): Answer => {
    let last: Answer | undefined
    const opened = { ...sound, core: "9.9.9", recording } as RecordingOutput
    createPlayer().handle({ id: 1, do: "open", recording: 1, output: opened }, (answer) => (last = answer))
    return last as Answer
  }

  test("is replayed as well as this one can", () => {
    expect(open(newer())).toEqual({ id: 1, is: "opened", timeline: sound.timeline })
  })

  test("gets a warning that names both releases if that was not well enough", () => {
    const answer = open(newer("0123456789abcdef"))
    expect(answer.is === "opened" && answer.warning).toMatch(/made with ringlab 9\.9\.9, this is \d/)
  })
})
