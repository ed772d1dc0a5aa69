import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { KernelUnderTest, type Ran } from "../kernel/client"
import { pointsOf } from "./attacked"
import { ANSWERS, FORGERIES, GUESSES, PEEKS, SPOILERS } from "./tricks"

const files = { "graded.ipynb": "hidden tests", "data.txt": "data for everybody" }

/** A kernel as nbgrader's configuration starts it. */
async function start(): Promise<KernelUnderTest> {
  const kernel = await KernelUnderTest.start(files, {}, ["--grading"])
  await kernel.run('let iopl: any = "0"')
  return kernel
}

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await start()
})
afterAll(() => kernel.stop())

/** A test as a teacher writes it. */
const TEST = `import { answer } from "notebook"
import { exercise, grade } from "ringlab"
grade(exercise("rings/iopl", 6).check(await answer("iopl")), 1)`

describe("an answer gets no points when it", () => {
  test.each(Object.keys(ANSWERS))("%s", async (name) => {
    expect((await kernel.run(`iopl = ${ANSWERS[name]}`)).reply.evalue).toBeUndefined()
    expect(pointsOf(await kernel.run(TEST))).toBe(0)
  })
})

describe("no cell can reach", () => {
  test.each(Object.keys(PEEKS))("%s", async (name) => {
    const { reply } = await kernel.run(PEEKS[name])
    expect(reply.status).toBe("error")
    expect(reply.evalue).toMatch(/restricted|may not|disabled|process\.binding/)
  })
})

describe("a wrong answer gets no points, and a right one all, after a cell with", () => {
  test.each(Object.keys(FORGERIES))("%s", async (name) => {
    expect((await kernel.run(FORGERIES[name])).reply.evalue).toBeUndefined()
    await kernel.run('iopl = "0"')
    expect(pointsOf(await kernel.run(TEST))).toBe(0)
    await kernel.run('iopl = "2"')
    expect(pointsOf(await kernel.run(TEST))).toBe(1)
  })
})

describe("a cell that guesses a test's id cannot speak for it by", () => {
  let guessing: KernelUnderTest
  beforeAll(async () => {
    guessing = await start()
  })
  afterAll(() => guessing.stop())

  test.each(Object.keys(GUESSES))("%s", async (name) => {
    await guessing.run(GUESSES[name].replaceAll("guessed", name))
    const ran = await soon(guessing, guessing.submit(TEST, {}, name))
    expect(pointsOf(ran)).toBe(0)
    expect(guessing.published.filter(({ type }) => type.startsWith("comm_"))).toEqual([])
  })
})

describe("a wrong answer gets no points from a session that is spoiled by", () => {
  test.each(Object.keys(SPOILERS))("%s", async (name) => {
    const spoiled = await start()
    spoiled.submit(SPOILERS[name])
    const ran = await soon(spoiled, spoiled.submit(TEST))
    expect(pointsOf(ran)).not.toBe(1)
    await spoiled.stop()
  })
})

/** What a cell comes to; like nbgrader, interrupts one that takes too long. */
async function soon(kernel: KernelUnderTest, id: string): Promise<Ran> {
  const timer = setTimeout(() => void kernel.ask("interrupt_request", {}, "control"), 2000)
  const ran = await kernel.finished(id)
  clearTimeout(timer)
  return ran
}
