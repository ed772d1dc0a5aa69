import { describe, expect, test } from "vitest"
import {
  asm,
  createPlayer,
  type Device,
  enterRing,
  kit,
  pc,
  type RecordingOutput,
  record,
} from "../src/index"
import { VERSION } from "../src/version"
import { unpacked } from "../src/views/packed"
import type { Answer, Request } from "../src/views/player"

const GUEST = asm`${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main:
${enterRing(3, "user")}
user:
  mov ecx, 3
count: loop count
  int 0x80        ; ask the kernel
  jmp user
service:
  inc ebx
  iretd`

const output = (steps: number): RecordingOutput =>
  JSON.parse(JSON.stringify(record(pc({ memory: 2 }).load(GUEST), { steps, title: "Calls" }).output()))

/** Ask one player after another thing of recordings, which it answers at once; the last answer counts. */
function asker() {
  const player = createPlayer()
  return (request: Partial<Request> & Pick<Request, "do">): Answer => {
    const answers: Answer[] = []
    player.handle({ id: 7, recording: 1, ...request } as Request, (answer) => void answers.push(answer))
    return answers[answers.length - 1]
  }
}

describe("a player", () => {
  const ask = asker()
  test("opens an output that went through JSON, and finds the same timeline", () => {
    const given = output(500)
    const answer = ask({ do: "open", output: given })
    expect(answer).toEqual({ id: 7, is: "opened", timeline: given.timeline })
  })
  test("tells of what another release had and this one has not, and calls it no damage", () => {
    const given = output(5)
    const { recording } = JSON.parse(JSON.stringify({ recording: unpacked(given.recording, "recording") }))
    recording.run.options.generation = "pentium-9"
    const sentence = (core: string) => {
      const answer = ask({ do: "open", output: { ...given, core, recording } })
      return answer.is === "sorry" && answer.sentence
    }
    expect(sentence("9.0.0")).toBe(
      `This cannot be done: there is no processor generation "pentium-9": the generations are p6, pentium-pro, pentium-4; the recording was made with ringlab 9.0.0, and this is ${VERSION}`,
    )
    expect(sentence(VERSION)).toMatch(/the recording in this output is damaged/)
  })
  test("gives frames that say what the step did", () => {
    const trap = ask({ do: "find", kind: "trap", from: 0, direction: 1 })
    expect(trap.is).toBe("found")
    const step = trap.is === "found" ? (trap.step as number) : 0
    const answer = ask({ do: "frame", step, options: { pins: ["esp"] } })
    expect(answer.is === "frame" && answer.frame.sentence).toBe(
      "Ring 3 ran “int 0x80”. That is a trap to vector 80h (interrupt 80h). The processor went to the handler “service”, now in ring 0, on that ring's stack.",
    )
    expect(answer.is === "frame" && answer.frame.stack.slice(0, 5).map(({ note }) => note)).toEqual([
      "EIP",
      "CS (ring 3)",
      "EFLAGS",
      "ESP",
      "SS (ring 3)",
    ])
  })
  test("finds the trap before and after a step, and none beyond the last", () => {
    const steps = output(500)
      .timeline.marks.filter(([, kind]) => kind === 0)
      .map(([step]) => step)
    const find = (from: number, direction: 1 | -1) => {
      const answer = ask({ do: "find", kind: "trap", from, direction })
      return answer.is === "found" ? answer.step : undefined
    }
    expect(find(steps[0], 1)).toBe(steps[1])
    expect(find(steps[1], -1)).toBe(steps[0])
    expect(find(500, 1)).toBe(null)
  })
  test("says in a sentence that a recording is not open", () => {
    expect(ask({ do: "frame", recording: 99, step: 1, options: {} })).toEqual({
      id: 7,
      is: "sorry",
      sentence: "This cannot be done: recording 99 is not open",
    })
  })
  test("warns when a replay does not end where the recording did", () => {
    const changed = output(200)
    const { run } = changed.recording as { run: { hash: string } }
    run.hash = "0123456789abcdef"
    const answer = ask({ do: "open", output: changed })
    expect(answer.is === "opened" && answer.warning).toMatch(
      /^The replay does not end where the recording did/,
    )
  })
})

/** Numbers from 0 up to `below`, from a seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}

/** Every place in a value that could be changed: an object or array, and a key in it. */
function places(value: unknown): { holder: Record<string, unknown>; key: string }[] {
  if (typeof value !== "object" || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...places(holder[key])])
}

const ODD: readonly unknown[] = [
  null,
  -1,
  1e12,
  0.5,
  "",
  "<b>",
  [],
  {},
  true,
  [[[]]],
  Number.MAX_SAFE_INTEGER,
  "////",
  { length: 9 },
]

/** A recording of a student's own device, so that there is a log to spoil, too. */
function withDevice(): RecordingOutput {
  const device: Device = {
    name: "clock",
    state: { rung: 0 },
    ports: [[0x300, 0x300]],
    out: (_port, _size, value, host) => host.after(value, 0),
    tick: (_tag, host) => host.interrupt(5, true),
  }
  const guest = asm`${kit({ gates: [{ vector: 0x80, handler: "back", dpl: 3 }], ports: [0x300] })}
main:
${enterRing(3, "user")}
user:
  mov dx, 0x300
again:
  mov al, 3
  out dx, al
  int 0x80
  jmp again
back:
  iretd`
  return record(pc({ memory: 2, devices: [device] }).load(guest), { steps: 60 }).output()
}

/** What is wrong, and what to do. */
const SENTENCE =
  /^This cannot be done: (the recording in this output is damaged \(.+\); run the cell again|an output of kind ".*" holds no recording)$/

test("a thousand mutated outputs end in a picture or in a sentence, never in an exception", () => {
  const ask = asker()
  const text = JSON.stringify({ ...withDevice(), view: undefined, timeline: undefined })
  const random = numbers(20)
  const kinds = new Set<string>()
  for (let n = 0; n < 1000; n++) {
    const mutant = JSON.parse(text)
    const all = places(mutant)
    for (let changes = 1 + random(3); changes > 0; changes--) {
      const { holder, key } = all[random(all.length)]
      if (random(5) === 0) delete holder[key]
      else holder[key] = ODD[random(ODD.length)]
    }
    const opened = ask({ do: "open", output: JSON.parse(JSON.stringify(mutant)) })
    const shown = ask({ do: "frame", step: random(60), options: { pins: ["esp"] } })
    for (const answer of opened.is === "opened" ? [opened, shown] : [opened]) {
      kinds.add(answer.is)
      if (answer.is === "sorry") expect(answer.sentence, `mutant ${n}`).toMatch(SENTENCE)
    }
  }
  expect(kinds).toEqual(new Set(["opened", "frame", "sorry"]))
})
