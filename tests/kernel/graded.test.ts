import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { KernelUnderTest, printed, type Ran, resultOf } from "./client"

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start({}, {}, ["--grading"])
})
afterAll(() => kernel.stop())

const IMPORTS = `import { answer } from "notebook"\nimport { exercise, grade } from "ringlab"\n`

/** Runs a graded cell that imports what such cells need. */
const graded = (code: string): Promise<Ran> => kernel.run(IMPORTS + code)

const shown = ({ outputs }: Ran): string =>
  outputs
    .filter(({ type }) => type === "display_data")
    .map(({ content }) => content.data["text/plain"])
    .join("\n")

describe("a graded cell", () => {
  test("has the points as its plain text, and feedback before them", async () => {
    await kernel.run("const ring = 3")
    const ran = await graded(`grade({ right: (await answer("ring")) === 3, text: "It is ring 3." }, 2)`)
    expect(ran.outputs.map(({ type }) => type)).toEqual(["display_data", "execute_result"])
    expect(resultOf(ran)).toBe("2")
    expect(shown(ran)).toBe("Right: 2 of 2. It is ring 3.")
  })

  test("sees none of the notebook's variables", async () => {
    await kernel.run("const secret = 42")
    expect((await graded("secret")).reply.evalue).toMatch("Cannot find name 'secret'")
  })

  test("leaves nothing behind, in the notebook or for the next graded cell", async () => {
    await graded("var left = 1\n;(globalThis as any).left = 1\nleft")
    expect((await kernel.run("left")).reply.status).toBe("error")
    expect(resultOf(await graded("Number((globalThis as any).left ?? 0)"))).toBe("0")
  })

  test("is no module that another could import, whoever wrote it", async () => {
    const { reply } = await kernel.run(`/** @module checks */\n${IMPORTS}export const right = true`)
    expect(reply.evalue).toMatch("A graded cell cannot be a module")
    expect((await graded('import { right } from "./checks"\nNumber(right)')).reply.evalue).toMatch("./checks")
  })

  test("gets answers one at a time, in the order of its questions", async () => {
    await kernel.run("let asked = 0\nconst next = async () => { const n = ++asked; await null; return n }")
    expect(
      resultOf(await graded('Number((await Promise.all([answer("next()"), answer("next()")])).join(""))')),
    ).toBe("12")
  })

  test("shows what an answer prints as text, on no other stream", async () => {
    await kernel.run('function loud() { console.error("well"); return 1 }')
    const ran = await graded('await answer("loud()")')
    expect([printed(ran, "stderr"), printed(ran), resultOf(ran)]).toEqual(["", "well\n", "1"])
  })

  test("shows nothing that the notebook shows while it answers", async () => {
    await kernel.run(
      'const host = (globalThis as any)[Symbol.for("ringlab.host")]\nconst forge = () => { host.show({ "text/plain": "9" }); return 1 }',
    )
    expect(shown(await graded('await answer("forge()")'))).toBe("")
  })

  test.each([
    ["missing", "missing"],
    ["(() => { throw new TypeError('no') })()", "TypeError: no"],
    ["Promise.reject(new RangeError('never'))", "RangeError: never"],
    ["() => 1", "could not be cloned"],
  ])("ends with an error when there is no answer to %s", async (expression, why) => {
    const { reply } = await graded(`await answer(${JSON.stringify(expression)})`)
    expect(reply.ename).toBe("AnswerError")
    expect(reply.evalue).toContain(why)
  })

  test.each(["undefined", '"all"', "-1", "Number.NaN", "({})"])(
    "that ends with %s gives no points",
    async (value) => {
      const ran = await graded(value)
      expect(ran.outputs.map(({ type }) => type)).toEqual(["error"])
      expect(ran.reply.ename).toBe("GradingError")
    },
  )

  test("can be interrupted while the notebook looks for an answer, which keeps its variables", async () => {
    await kernel.run('const kept = 5\nfunction endless() { console.log("on"); while (true) {} }')
    const id = kernel.submit(`${IMPORTS}console.log("asking")\nawait answer("endless()")`)
    await kernel.interruptWhenPrinting(id)
    expect((await kernel.finished(id)).reply.status).toBe("error")
    expect(resultOf(await graded('await answer("kept")'))).toBe("5")
  })

  test("does not wait for an answer that nobody listens to", async () => {
    await kernel.run("const still = 7\nfunction forever() { while (true) {} }")
    expect(resultOf(await graded('void answer("forever()")\nvoid answer("forever()")\n3'))).toBe("3")
    expect(resultOf(await graded('await answer("still")'))).toBe("7")
  })

  test("may begin with nbgrader's remark that it was missing", async () => {
    expect(resultOf(await kernel.run(`# This cell was missing.\n\n${IMPORTS}4`))).toBe("4")
  })
})

test("an interrupt ends a search of Popek and Goldberg's where Node's permissions forbid to break it off, and keeps variables", async () => {
  await kernel.run("const found = 'before'")
  const id = kernel.submit(
    'import { popekGoldberg } from "ringlab"\nconsole.log("on")\npopekGoldberg({ ring: 1 }, { states: 5000 })',
  )
  await kernel.interruptWhenPrinting(id)
  expect((await kernel.finished(id)).reply.ename).toBe("Interrupted")
  expect(resultOf(await kernel.run("found"))).toBe("'before'")
})
