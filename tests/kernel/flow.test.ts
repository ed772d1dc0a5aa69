import ts from "typescript"
import { afterAll, beforeAll, expect, test } from "vitest"
import { shareFlow } from "../../kernel/src/session/convert/flow"
import { KernelUnderTest, resultOf, tracebackOf } from "./client"

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start()
})
afterAll(() => kernel.stop())

const lines = (count: number): string => "steps += 1\n".repeat(count)

test("a cell of any number of lines that count runs, with a variable of its own or of an earlier cell", async () => {
  const own = await kernel.run(`let steps = 0\n${lines(3000)}steps`)
  expect([tracebackOf(own), resultOf(own)]).toEqual(["", "3000"])
  const earlier = await kernel.run(`${lines(3000)}steps`)
  expect([tracebackOf(earlier), resultOf(earlier)]).toEqual(["", "6000"])
})

test("types are followed through a cell of a thousand lines", async () => {
  const code = `let text: string | number = "a"\nlet steps = 0\n${lines(1000)}text.length + steps`
  expect(resultOf(await kernel.run(code))).toBe("1001")
  const wrong = await kernel.run(`${lines(1000)}steps.nothing`)
  expect(wrong.reply.evalue).toBe("line 1001: Property 'nothing' does not exist on type 'number'.")
})

/** Both are internal to the compiler: a newer one may have them elsewhere. */
test("the compiler is told to remember what leads to each statement", () => {
  const text = `let steps = 0\n${lines(1000)}`
  const file = ts.createSourceFile("cell.ts", text, ts.ScriptTarget.ES2022, true)
  const host = ts.createCompilerHost({})
  const getSourceFile = (name: string) => (name === "cell.ts" ? file : undefined)
  const program = ts.createProgram(["cell.ts"], { noLib: true }, { ...host, getSourceFile })
  shareFlow(program, file)
  const flags = file.statements.map(
    (node) => (node as unknown as { flowNode: { flags: number } }).flowNode.flags,
  )
  expect(flags.length).toBe(1001)
  expect(flags.every((flag) => flag & 4096)).toBe(true)
})
