/** A player that simulates nothing: the made-up recording, a doubling experiment, an exercise about two. */
import { Player, type WorkerLike } from "../../lessons/src/player/player"
import type { Answer, Request } from "../../src/views/player"
import { frameAt, timeline } from "../views/fixture"

/** Answers as the real player does, from made-up data. */
export function createFakePlayer(): { handle(request: Request, post: (answer: Answer) => void): void } {
  return { handle: (request, post) => post(answerTo(request)) }
}

/** May make an answer another one. What it throws, the worker crashes on. */
export type Change = (request: Request, answer: Answer) => Answer

/** The page's player with a worker that answers at the next tick, and what it was asked. */
export function watchedPlayer(change: Change = (_, answer) => answer) {
  const asked: Request[] = []
  const fake = createFakePlayer()
  const reply = (worker: WorkerLike, request: Request, answer: Answer) => {
    try {
      worker.onmessage?.({ data: change(request, answer) })
    } catch (error) {
      worker.onerror?.(error as Error)
    }
  }
  const player = new Player(() => {
    const worker: WorkerLike = {
      onmessage: null,
      onerror: null,
      terminate() {},
      postMessage(request: Request) {
        asked.push(request)
        queueMicrotask(() => fake.handle(request, (answer) => reply(worker, request, answer)))
      },
    }
    return worker
  })
  return { asked, player }
}

function answerTo(request: Request): Answer {
  const { id } = request
  switch (request.do) {
    case "open":
      return { id, is: "opened", timeline }
    case "frame":
      return { id, is: "frame", frame: pinned(request.step, request.options.pins ?? []) }
    case "find":
      return { id, is: "found", step: null }
    case "close":
      return { id, is: "closed" }
    case "describe":
      return { id, is: "described", experiment: DOUBLING }
    case "experiment":
      return { id, is: "result", result: double(Number(request.values.x)) }
    case "ask":
      return {
        id,
        is: "question",
        title: "Two",
        question: {
          exercise: "two",
          seed: request.seed,
          text: `What is 2?\n\nSeed ${request.seed}.`,
          listing: "mov eax, 2",
          form: { kind: "choice", options: ["2", "3"] },
        },
      }
    case "check":
      return { id, is: "feedback", feedback: { right: request.answer === "2", text: "Two is 2." } }
    default:
      return { id, is: "sorry", sentence: `This player knows nothing of "${request.do}".` }
  }
}

/** A watch of a pin's name. */
export const watched = (title: string) =>
  title === "nolabel"
    ? { title, wrong: "“nolabel” names nothing.", bits: 8 as const, values: [], changed: [] }
    : { title, bits: 32 as const, values: [1], changed: [] }

function pinned(step: number, pins: readonly string[]) {
  const frame = frameAt(step)
  return { ...frame, watches: pins.map(watched) }
}

const DOUBLING = {
  name: "doubling",
  title: "Doubling",
  about: "Move x and see.",
  parameters: {
    x: { kind: "range", label: "x", unit: "pages", min: 0, max: 10, step: 1, value: 3 },
    how: { kind: "choice", label: "How", options: ["plain", "fancy"], value: "plain" },
  },
} as const

function double(x: number) {
  const xs = [0, 1, 2, 3, 4, 5]
  return {
    sentence: `Twice ${x} is ${2 * x}.`,
    table: { columns: ["x", "2x"], rows: [[`${x}`, `${2 * x}`]], mark: 0 },
    chart: {
      data: [{ x: xs, y: xs.map((at) => at * x), type: "scatter" }],
      layout: { xaxis: { title: { text: "x" } } },
    },
  }
}
