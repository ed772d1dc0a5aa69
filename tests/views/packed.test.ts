import { describe, expect, test } from "vitest"
import {
  asm,
  createPlayer,
  type Device,
  enterRing,
  kit,
  MIME_TYPE,
  type MimeBundle,
  pc,
  type Recording,
  type RecordingOutput,
  record,
  unpackedTimeline,
} from "../../src/index"
import { random } from "../../src/numbers/random"
import { checkCarried } from "../../src/views/carried"
import type { Answer } from "../../src/views/player"

const DISPLAY = Symbol.for("Jupyter.display")
const bundleOf = (recording: Recording) =>
  (recording as unknown as Record<symbol, () => MimeBundle>)[DISPLAY]()

/** What a recording adds to a notebook's file: Jupyter indents it by one and gives each item of a list a line. */
function bytesInNotebook(recording: Recording): number {
  const output = {
    output_type: "execute_result",
    execution_count: 1,
    metadata: {},
    data: bundleOf(recording),
  }
  return new TextEncoder().encode(JSON.stringify({ cells: [{ outputs: [output] }] }, null, 1)).length
}

/** A guest whose ring 3 does this for ever; what the kernel hears of it is answered at once. */
const forEver = (lines: string) => asm`${kit({
  gates: [
    ...[0, 3, 0x80].map((vector) => ({ vector, handler: "back", dpl: 3 })),
    { vector: 13, handler: "refused" },
  ],
  ports: [0x60, 0x300],
})}
main:
${enterRing(3, "user")}
user:
${lines}
  jmp user
refused:
  add esp, 4
back:
  iretd
`

/** A student's device, whose state every access changes. */
const counter = (): Device => ({
  name: "counter",
  state: { count: 0, last: 0 },
  ports: [[0x300, 0x300]],
  in(_port, _size, { now }) {
    const { count } = this.state as { count: number }
    this.state = { count: count + 1, last: now }
    return count & 0xff
  },
})

/** The busiest guests that we could think of: something to tell of in every step. */
const BUSY: Readonly<Record<string, { lines: string; devices?: readonly Device[] }>> = {
  "system calls, one after the other": { lines: "times 500 int 0x80" },
  "a division by zero, tried again and again": { lines: "xor ecx, ecx\ndiv ecx" },
  "an instruction that ring 3 may not run": { lines: "cli" },
  "a port of a built-in device": { lines: "times 500 in al, 0x60" },
  "a student's own device, in a loop": {
    lines: "mov edx, 0x300\nagain: in al, dx\njmp again",
    devices: [counter()],
  },
  "a student's own device, in every step": {
    lines: "mov edx, 0x300\ntimes 500 in al, dx",
    devices: [counter()],
  },
}

test.each(Object.keys(BUSY))("10,000 steps add at most 300 KB to a notebook's file: %s", (name) => {
  const { lines, devices } = BUSY[name]
  const recording = record(pc({ devices }).load(forEver(lines)))
  expect(recording.steps).toBe(10_000)
  expect(bytesInNotebook(recording)).toBeLessThan(300_000)
})

describe("what a notebook carries", () => {
  const recording = record(
    pc({ memory: 2, devices: [counter()] }).load(forEver("mov edx, 0x300\nin al, dx\nint 0x80")),
    {
      steps: 300,
    },
  )
  const carried = bundleOf(recording)[MIME_TYPE] as RecordingOutput
  const open = (output: RecordingOutput): Answer => {
    let last: Answer | undefined
    createPlayer().handle({ id: 1, do: "open", recording: 1, output }, (answer) => (last = answer))
    return last as Answer
  }

  test("is the timeline and the recording as they were", () => {
    expect(unpackedTimeline(carried.timeline)).toEqual(recording.timeline)
    expect(checkCarried(carried.recording)).toEqual(JSON.parse(JSON.stringify(recording.output().recording)))
  })

  test("can be replayed, packed or not", () => {
    for (const output of [carried, recording.output()])
      expect(open(output)).toEqual({ id: 1, is: "opened", timeline: recording.timeline })
  })

  test("is never half believed: a damaged text gives a sentence or a warning", () => {
    const text = String(carried.recording)
    const heard = new Set<string>()
    for (let seed = 0; seed < 300; seed++) {
      const chance = random(seed)
      const at = chance.below(text.length)
      const damaged = text.slice(0, at) + '~A9"x'[chance.below(5)] + text.slice(at + chance.below(3))
      const answer = open({ ...carried, recording: damaged })
      if (answer.is === "sorry")
        expect(answer.sentence, `seed ${seed}`).toMatch(/^This cannot be done: .+run the cell again/)
      heard.add(answer.is)
    }
    expect(heard).toEqual(new Set(["sorry", "opened"]))
  })
})
