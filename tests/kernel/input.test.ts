import { afterAll, beforeAll, expect, test } from "vitest"
import { KernelUnderTest, resultOf } from "./client"

/** A cell that wants a line asks the front end for it, as the protocol says. */
let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start()
})
afterAll(() => kernel.stop())

const ask = (code: string): string => kernel.submit(code, { allow_stdin: true })

/** Answers the cell's questions, and tells what they were. */
async function answered(id: string, answers: readonly string[]): Promise<string[]> {
  const asked: string[] = []
  for (const value of answers) {
    const { content } = await kernel.when(() => questionsOf(id)[asked.length])
    kernel.send("input_reply", { value, status: "ok" }, "stdin")
    asked.push(content.prompt)
  }
  return asked
}

const questionsOf = (id: string) => kernel.questions.filter(({ parent }) => parent === id)

test("prompt() gives what the reader writes", async () => {
  const id = ask('const name = prompt("Your name?")\nname + "!"')
  expect(await answered(id, ["Zoë 😀"])).toEqual(["Your name?"])
  expect(resultOf(await kernel.finished(id))).toBe("'Zoë 😀!'")
})

test("an empty line gives what prompt() was told to take then", async () => {
  const id = ask('[prompt("steps?", "100"), prompt()]')
  expect(await answered(id, ["", ""])).toEqual(["steps?", ""])
  expect(resultOf(await kernel.finished(id))).toBe("[ '100', '' ]")
})

test("a line may be long, and is cut between characters where it is too long", async () => {
  const id = ask("const long = prompt();\n[long.length, long.isWellFormed()]")
  await answered(id, ["€".repeat(50_000)])
  expect(resultOf(await kernel.finished(id))).toBe("[ 21845, true ]")
})

test("readline asks what its questions ask", async () => {
  const id = ask(`import { createInterface } from "node:readline/promises"
const lines = createInterface({ input: process.stdin, output: process.stdout })
const sum = Number(await lines.question("a? ")) + Number(await lines.question("b? "))
sum`)
  expect(await answered(id, ["20", "22"])).toEqual(["a? ", "b? "])
  expect(resultOf(await kernel.finished(id))).toBe("42")
})

test("whoever listens for lines gets them until there are enough, and the reader is asked for no more", async () => {
  const id = ask(`import { createInterface } from "node:readline"
const words: string[] = []
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "") break
  words.push(line)
}
words`)
  expect(await answered(id, ["push", "pop", ""])).toEqual(["", "", ""])
  expect(resultOf(await kernel.finished(id))).toBe("[ 'push', 'pop' ]")
  expect(questionsOf(id)).toHaveLength(3)
})

test("an interrupt ends the wait, and keeps variables", async () => {
  await kernel.run("let kept = 1")
  const id = ask("kept = 2\nprompt('well?')\nkept = 3")
  await kernel.when(() => questionsOf(id)[0])
  await kernel.ask("interrupt_request", {}, "control")
  expect((await kernel.finished(id)).reply.ename).toBe("Interrupted")
  expect(resultOf(await kernel.run("kept"))).toBe("2")
})

test("a second answer to a question is none to the next", async () => {
  const id = ask('[prompt("a?"), prompt("b?")]')
  const question = (nth: number) => kernel.when(() => questionsOf(id)[nth])
  kernel.answer(await question(0), "first")
  const second = await question(1)
  kernel.answer(await question(0), "too late")
  kernel.answer(second, "second")
  expect(resultOf(await kernel.finished(id))).toBe("[ 'first', 'second' ]")
})

test("a cell that has ended asks nobody, and holds up no other cell", async () => {
  const id = ask(`let [go, said] = [() => {}, ""]
void new Promise<void>((resolve) => (go = resolve)).then(() => prompt("well?")).catch((error) => (said = error.message))`)
  await kernel.finished(id)
  await kernel.run("go()")
  expect(resultOf(await kernel.run("said"))).toContain("the cell that asks has ended")
})

test("a graded cell asks nobody", async () => {
  const id = ask('import { answer } from "notebook"\nprompt("well?")\nawait answer("1")')
  expect((await kernel.finished(id)).reply.evalue).toContain("answers no questions")
})

test("where nobody answers, the cell is told so at once", async () => {
  const { reply } = await kernel.run("prompt('well?')", { allow_stdin: false })
  expect(reply.evalue).toContain("answers no questions")
})
