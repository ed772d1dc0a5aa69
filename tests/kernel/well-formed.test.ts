import { afterAll, beforeAll, expect, test } from "vitest"
import { cut } from "../../kernel/src/session/cut"
import { KernelUnderTest, type Message, printed, resultOf } from "./client"

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start()
})
afterAll(() => kernel.stop())

/** Is every text in it well formed, so that Python can write it into a file? */
function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return !/\p{Surrogate}/u.test(value)
  if (typeof value !== "object" || value === null) return true
  return Object.entries(value).every(([name, part]) => isWellFormed(name) && isWellFormed(part))
}

/** What the kernel offers to packages. */
const HOST = 'globalThis[Symbol.for("ringlab.host")]'

/** What a cell's code brings about, all of it. */
async function sentFor(code: string, options: object = {}): Promise<Pick<Message, "content">[]> {
  const { reply, outputs } = await kernel.run(code, options)
  return [{ content: reply }, ...outputs]
}

test.each([
  ["printed", 'for (const half of "a😀".split("")) console.log(half)'],
  ["a result", "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': '\\ude00' }) })"],
  ["a display's forms and their names", 'tslab.display.raw("text/\\ud83d", "\\ude00 \\ud83d")'],
  ["a display's data", `${HOST}.show({ "application/json": { "\\ud83d": ["\\ude00"] } })`],
  ["an error", 'class E extends Error { name = "\\ud83d" }\nthrow new E("\\ude00")'],
  ["a comm's data", `${HOST}.comm("\\ud83d", { text: "\\ude00" }, {})`],
])("halves of characters that are %s do not leave the kernel", async (_, code) => {
  await kernel.run('import * as tslab from "tslab"')
  const sent = await sentFor(code, { user_expressions: { half: '"\\ud83d"' } })
  expect(JSON.stringify(sent)).toContain("\ufffd")
  expect(sent.every(({ content }) => isWellFormed(content))).toBe(true)
})

test("neither do they in answers about the history and about places in the code", async () => {
  await kernel.run('const half = "\\ud83d"; half // \ud83d')
  const history = { hist_access_type: "tail", n: 1, output: true, raw: true }
  expect(isWellFormed(await kernel.ask("history_request", history))).toBe(true)
  expect(isWellFormed(await kernel.ask("inspect_request", { code: "half", cursor_pos: 4 }))).toBe(true)
})

test("whole characters, and escapes that only look like halves, leave as they are", async () => {
  const text = "😀 \\ud83d \\\\ud83d \u00e9 \\"
  expect(printed(await kernel.run(`console.log(${JSON.stringify(text)} + "\\ud83d")`))).toBe(
    `${text}\ufffd\n`,
  )
})

test("text is cut between characters", async () => {
  expect([0, 1, 2, 3, 4, 5].map((length) => cut("a😀😀", length))).toEqual([
    "",
    "a",
    "a",
    "a😀",
    "a😀",
    "a😀😀",
  ])
  const long = await kernel.run('"a" + "😀".repeat(1e5)')
  const error = await kernel.run('throw new Error("a" + "😀".repeat(1e5))')
  const print = await kernel.run('console.log("a" + "😀".repeat(6e5))')
  expect(resultOf(long)?.slice(-40)).toMatch(/😀'\.\.\. 190002 more characters$/)
  expect(printed(print).slice(-90)).toMatch(/😀\n\(more than/)
  expect(error.reply.evalue).toMatch(/😀 … \(190002 more characters\)$/)
})
