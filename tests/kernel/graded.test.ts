import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { KernelUnderTest, type Ran, resultOf } from "./client"

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start()
})
afterAll(() => kernel.stop())

/** Runs a graded cell that imports what such cells need. */
const graded = (code: string): Promise<Ran> =>
  kernel.run(`import { answer } from "notebook"\nimport { exercise, grade, replay } from "ringlab"\n${code}`)

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
    expect((await graded("secret")).reply.ename).toBe("TypeScriptError")
  })
})
