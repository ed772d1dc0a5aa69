/** Recordings share one worker: what a replay owes the others, and whoever wants it no more. */
import { expect, test } from "vitest"
import { type Answer, asm, createPlayer, pc, type RecordingOutput, type Request, record } from "../src/index"
import { unpacked } from "../src/views/packed"

const STEPS = 300_000
const COUNTER = asm`mov ecx, 0
count:
  inc ecx
  mov [0x200000], ecx
  jmp count`
const outputOf = (steps: number): RecordingOutput =>
  JSON.parse(JSON.stringify(record(pc({ memory: 4 }).load(COUNTER), { steps }).output()))
const [long, short] = [outputOf(STEPS), outputOf(100)]

/** A player that goes on from each pause only when it is told to, and all its answers. */
function setUp() {
  const gates: (() => void)[] = []
  const answers: Answer[] = []
  let breaths = 0
  const player = createPlayer({
    breathe: () => {
      breaths++
      return new Promise<void>((resolve) => void gates.push(resolve))
    },
  })
  const settle = () => new Promise((resolve) => setTimeout(resolve))
  return {
    answers,
    breaths: () => breaths,
    last: (id: number) => answers.filter((answer) => answer.id === id).at(-1)?.is,
    ask: (request: Request) => player.handle(request, (answer) => void answers.push(answer)),
    /** Let whoever waits go on, one after the other, so many times. */
    async turns(times = Number.POSITIVE_INFINITY) {
      for (; times > 0 && gates.length > 0; times--) {
        gates.shift()?.()
        await settle()
      }
    },
  }
}

const open = (id: number, recording: number, output: RecordingOutput): Request => ({
  id,
  do: "open",
  recording,
  output,
})
const frame = (id: number, recording: number, step: number): Request => ({
  id,
  do: "frame",
  recording,
  step,
  options: {},
})

test("while one recording is replayed, others are opened and shown", async () => {
  const { ask, last, turns } = setUp()
  void ask(open(1, 1, long))
  await turns(2)
  void ask(open(2, 2, short))
  void ask(frame(3, 2, 0))
  expect(last(3), "too early").toBe("sorry")
  await turns(2)
  expect(last(2)).toBe("opened")
  void ask(frame(4, 2, 50))
  expect(last(4), "at once").toBe("frame")
  expect(last(1)).toBe("progress")
  await turns()
  expect(last(1)).toBe("opened")
})

test("a replay tells how far it is, forwards to its end", async () => {
  const { ask, answers, turns } = setUp()
  void ask(open(1, 1, long))
  await turns()
  const told = answers.flatMap((answer) => (answer.is === "progress" ? [answer.done / answer.of] : []))
  expect(told.length).toBeGreaterThan(10)
  expect(told).toEqual([...told].sort((a, b) => a - b))
  expect(told.at(-1)).toBe(1)
})

test("a replay of a long run rests at least every 20,000 steps", async () => {
  const { ask, answers, turns } = setUp()
  void ask(open(1, 1, long))
  await turns()
  const at = answers.flatMap((answer) =>
    answer.is === "progress" && answer.of === STEPS ? [answer.done] : [],
  )
  const longest = Math.max(...at.map((done, n) => done - (at[n - 1] ?? 0)))
  expect(longest).toBeLessThanOrEqual(20_000)
})

test.each(["cancel", "close"] as const)(
  "a replay ends at %s, nothing more is run, and it can be opened again",
  async (how) => {
    const { ask, breaths, last, turns } = setUp()
    void ask(open(1, 1, long))
    await turns(3)
    const before = breaths()
    void ask(how === "cancel" ? { id: 1, do: "cancel" } : { id: 2, do: "close", recording: 1 })
    await turns()
    expect(last(1)).toBe("cancelled")
    expect(breaths()).toBe(before)
    void ask(frame(3, 1, 5))
    expect(last(3), "it is not open").toBe("sorry")
    void ask(open(4, 1, long))
    await turns()
    expect(last(4)).toBe("opened")
  },
)

test("a newer question of a recording overtakes the older, which is answered “cancelled”", async () => {
  const { ask, answers, last, turns } = setUp()
  void ask(open(1, 1, long))
  await turns()
  // The first of these is far: with 64 checkpoints at most, a step is up to some thousands from one.
  void ask(open(2, 2, outputOf(3_000_000)))
  await turns()
  void ask(frame(3, 2, 2_999_000))
  void ask(frame(4, 2, 1_000))
  void ask(frame(5, 2, 1_500_000))
  await turns()
  expect([3, 4, 5].map(last)).toEqual(["cancelled", "frame", "frame"])
  const shown = answers.find((answer) => answer.id === 5 && answer.is === "frame")
  expect(shown?.is === "frame" && shown.frame.registers[1]).toMatchObject({ name: "ECX", value: 500_000 })
})

test("a frame that was asked for in vain leaves the recording as it was", async () => {
  const ask = async (vain: boolean) => {
    const { ask, answers, turns } = setUp()
    void ask(open(1, 1, long))
    await turns()
    if (vain) {
      void ask(frame(2, 1, STEPS - 3))
      void ask({ id: 2, do: "cancel" })
      await turns()
    }
    void ask(frame(3, 1, 123_456))
    await turns()
    return answers.at(-1)
  }
  expect(await ask(true)).toEqual(await ask(false))
})

test("what is found wrong only after a pause is told as damage", async () => {
  const { ask, answers, turns } = setUp()
  const recording = JSON.parse(JSON.stringify(unpacked(long.recording, "recording")))
  recording.run.state.devices = {}
  void ask(open(1, 1, { ...long, recording }))
  await turns()
  expect(answers.at(-1)).toMatchObject({
    id: 1,
    is: "sorry",
    sentence: expect.stringContaining("is damaged"),
  })
})
