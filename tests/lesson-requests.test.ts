/** What a player does when it is asked for exercises and experiments: loading, slices, cancelling. */
import { describe, expect, test } from "vitest"
import { EXERCISES } from "../src/exercises/catalogue"
import { EXPERIMENTS } from "../src/experiments/catalogue"
import type { Experiment, Result, Run, Values } from "../src/experiments/experiment"
import { atOnce, runOf } from "../src/experiments/run"
import { Exploration } from "../src/experiments/show"
import { LESSONS as AT_ONCE } from "../src/lessons/at-once"
import type { Lesson, Lessons } from "../src/lessons/lesson"
import { LESSONS } from "../src/lessons/loaders"
import { createPlayer } from "../src/player"
import type { Answer, Request } from "../src/views/player"

const YIELDS = 100

/** Sums up to `x` times a hundred in a hundred parts, and writes down what it has done. */
function slow(done: number[] = []): Experiment {
  function* run({ x }: Values): Run {
    let sum = 0
    for (let part = 1; part <= YIELDS; part++) {
      sum += Number(x)
      done.push(sum)
      yield { done: part, of: YIELDS }
    }
    return { sentence: `The sum is ${sum}.` }
  }
  const x = { kind: "range", label: "x", unit: "", min: 0, max: 9, step: 1, value: 1 } as const
  return { name: "made-up/slow", title: "Slow", about: "Wait.", parameters: { x }, run }
}

const lessonsWith = (...experiments: readonly Experiment[]): Lessons => ({
  "made-up": async () => ({ exercises: [], experiments }),
})

/** Runs the player's tasks one by one: `turn` lets an experiment compute up to its next yield. */
function stepper() {
  let go: (() => void) | undefined
  const breathe = () => new Promise<void>((resolve) => (go = resolve))
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  const turn = async () => {
    go?.()
    await settle()
  }
  return { breathe, turn, settle }
}

const experiment = (id: number, x: number): Request => ({
  id,
  do: "experiment",
  experiment: "made-up/slow",
  values: { x },
})

async function lastAnswer(request: Request, lessons?: Lessons): Promise<Answer> {
  const answers: Answer[] = []
  await createPlayer({ lessons }).handle(request, (answer) => answers.push(answer))
  return answers[answers.length - 1]
}

describe("lessons", () => {
  test.each([
    ["loaded one by one", LESSONS],
    ["all at once", AT_ONCE],
  ])("%s hold what the catalogues hold, each under its own name", async (_, lessons) => {
    const loaded = await Promise.all(
      Object.entries(lessons).map(async ([name, load]) => ({ name, ...(await load()) })),
    )
    expect(loaded.flatMap(({ exercises }) => exercises)).toEqual(EXERCISES)
    expect(loaded.flatMap(({ experiments }) => experiments)).toEqual(EXPERIMENTS)
    for (const { name, exercises, experiments } of loaded)
      for (const entry of [...exercises, ...experiments]) expect(entry.name.split("/")[0]).toBe(name)
  })

  test("are loaded when something of them is asked for, and not before", async () => {
    const loaded: string[] = []
    const empty: Lesson = { exercises: [], experiments: [slow()] }
    const load = (name: string) => async () => {
      loaded.push(name)
      return empty
    }
    const player = createPlayer({ lessons: { "made-up": load("made-up"), other: load("other") } })
    await player.handle({ id: 1, do: "close", recording: 1 }, () => {})
    expect(loaded).toEqual([])
    await player.handle({ id: 2, do: "describe", experiment: "made-up/slow" }, () => {})
    expect(loaded).toEqual(["made-up"])
  })

  test("that cannot be loaded give a sentence, and the next request tries again", async () => {
    let tries = 0
    const load = async (): Promise<Lesson> => {
      if (++tries === 1) throw new TypeError("Failed to fetch")
      return { exercises: [], experiments: [slow()] }
    }
    const player = createPlayer({ lessons: { "made-up": load } })
    const answers: Answer[] = []
    for (const id of [1, 2])
      await player.handle({ id, do: "describe", experiment: "made-up/slow" }, (answer) =>
        answers.push(answer),
      )
    expect(answers).toMatchObject([
      {
        id: 1,
        is: "sorry",
        sentence:
          'This cannot be done: the lesson "made-up" could not be loaded; see whether JupyterLab still runs and try again, or reload the page',
      },
      { id: 2, is: "described" },
    ])
  })

  test.each([
    ["no/such", /there is no lesson "no"; there are: rings, traps, trap-and-emulate, popek-goldberg$/],
    ["constructor/such", /there is no lesson "constructor"/],
    ["rings/such", /there is no exercise "rings\/such"; there are: rings\/cpl, /],
  ])("do not hold %s, and the player says so", async (exercise, sentence) => {
    const answer = await lastAnswer({ id: 1, do: "ask", exercise, seed: 1 })
    expect(answer.is === "sorry" && answer.sentence).toMatch(sentence)
  })

  test("ask and check exercises, and describe and run experiments", async () => {
    const exercise = "rings/cpl"
    expect(await lastAnswer({ id: 1, do: "ask", exercise, seed: 1 })).toMatchObject({ id: 1, is: "question" })
    const checked = await lastAnswer({ id: 2, do: "check", exercise, seed: 1, answer: "?" })
    expect(checked).toMatchObject({ id: 2, is: "feedback", feedback: { right: false } })
    expect(await lastAnswer({ id: 3, do: "describe", experiment: "rings/iopl" })).toMatchObject({
      id: 3,
      is: "described",
    })
    const answer = await lastAnswer({ id: 4, do: "experiment", experiment: "rings/iopl", values: {} })
    expect(answer).toMatchObject({ id: 4, is: "result" })
  })

  test("refuse an experiment's values that its controls could not give", async () => {
    const request = { id: 1, do: "experiment", experiment: "rings/ports", values: { count: 1e9 } } as const
    const answer = await lastAnswer(request)
    expect(answer.is === "sorry" && answer.sentence).toMatch(
      /^This cannot be done: count cannot be 1000000000: /,
    )
  })
})

describe("an experiment that yields", () => {
  test("gives in slices what it gives at once, and what a plain function gives", async () => {
    const plain = {
      ...slow(),
      run: ({ x }: Values): Result => ({ sentence: `The sum is ${Number(x) * 100}.` }),
    }
    const { breathe, turn } = stepper()
    const answers: Answer[] = []
    const player = createPlayer({ lessons: lessonsWith(slow()), breathe })
    const handled = player.handle(experiment(1, 3), (answer) => answers.push(answer))
    for (let n = 0; n <= YIELDS; n++) await turn()
    await handled
    const result = { sentence: "The sum is 300." }
    expect(answers[answers.length - 1]).toEqual({ id: 1, is: "result", result })
    expect(atOnce(runOf(slow(), { x: 3 }))).toEqual(result)
    expect(new Exploration(slow(), { x: 3 }).result).toEqual(result)
    expect(await lastAnswer(experiment(1, 3), lessonsWith(slow()))).toEqual({ id: 1, is: "result", result })
    expect(await lastAnswer(experiment(1, 3), lessonsWith(plain))).toEqual({ id: 1, is: "result", result })
  })

  test("tells how far it is when it breathes, and only then", async () => {
    const answers: Answer[] = []
    let yields = 0
    const breathe = () => (++yields % 25 === 0 ? Promise.resolve() : undefined)
    const player = createPlayer({ lessons: lessonsWith(slow()), breathe })
    await player.handle(experiment(1, 1), (answer) => answers.push(answer))
    const progress = (done: number) => ({ id: 1, is: "progress", done, of: YIELDS })
    expect(answers.slice(0, -1)).toEqual([25, 50, 75, 100].map(progress))
  })

  test("computes nothing more after it is cancelled in the middle, and answers “cancelled”", async () => {
    const done: number[] = []
    const { breathe, turn } = stepper()
    const answers: Answer[] = []
    const player = createPlayer({ lessons: lessonsWith(slow(done)), breathe })
    const handled = player.handle(experiment(1, 1), (answer) => answers.push(answer))
    for (let n = 0; n < YIELDS / 2; n++) await turn()
    expect(done.length).toBe(YIELDS / 2)
    await player.handle({ id: 1, do: "cancel" }, () => {
      throw new Error("cancel has no answer of its own")
    })
    for (let n = 0; n < YIELDS; n++) await turn()
    await handled
    expect(done.length).toBe(YIELDS / 2)
    expect(answers[answers.length - 1]).toEqual({ id: 1, is: "cancelled" })
  })

  test.each(["generator", "plain function"])(
    "computes nothing when it is cancelled while its lesson loads: %s",
    async (kind) => {
      const done: number[] = []
      const made = slow(done)
      const found =
        kind === "generator" ? made : { ...made, run: (values: Values) => atOnce(runOf(made, values)) }
      let arrive: (lesson: Lesson) => void = () => {}
      const player = createPlayer({
        lessons: { "made-up": () => new Promise((resolve) => (arrive = resolve)) },
      })
      const answers: Answer[] = []
      const handled = player.handle(experiment(1, 1), (answer) => answers.push(answer))
      await player.handle({ id: 1, do: "cancel" }, () => {})
      arrive({ exercises: [], experiments: [found] })
      await handled
      expect(done).toEqual([])
      expect(answers).toEqual([{ id: 1, is: "cancelled" }])
    },
  )

  test("lets others be answered meanwhile, and one that is cancelled leaves the other alone", async () => {
    const { settle } = stepper()
    const gates: (() => void)[] = []
    const breathe = () => new Promise<void>((resolve) => void gates.push(resolve))
    const answers: Answer[] = []
    const post = (answer: Answer) => void (answer.is === "progress" || answers.push(answer))
    const player = createPlayer({ lessons: lessonsWith(slow()), breathe })
    const both = [player.handle(experiment(1, 1), post), player.handle(experiment(2, 2), post)]
    await settle()
    await player.handle({ id: 3, do: "close", recording: 9 }, post)
    await player.handle({ id: 1, do: "cancel" }, post)
    while (gates.length > 0) {
      gates.shift()?.()
      await settle()
    }
    await Promise.all(both)
    expect(answers).toEqual([
      { id: 3, is: "closed" },
      { id: 1, is: "cancelled" },
      { id: 2, is: "result", result: { sentence: "The sum is 200." } },
    ])
  })

  test("ends at its next yield when the notebook's host wants its cell to stop", () => {
    const host = Symbol.for("ringlab.host")
    const done: number[] = []
    Object.assign(globalThis, { [host]: { stopRequested: () => done.length >= 10 } })
    try {
      expect(() => new Exploration(slow(done), { x: 1 }).result).toThrow(
        "the experiment was interrupted before it had a result",
      )
    } finally {
      Reflect.deleteProperty(globalThis, host)
    }
    expect(done.length).toBe(10)
  })

  test("is computed once for all that a cell shows of it", () => {
    const done: number[] = []
    const shown = new Exploration(slow(done), { x: 1 })
    const bundle = shown[Symbol.for("Jupyter.display") as never] as () => Record<string, unknown>
    expect(bundle.call(shown)["text/plain"]).toBe("Slow: The sum is 100.")
    expect(done.length).toBe(YIELDS)
  })
})
