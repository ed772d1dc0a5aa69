import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { KernelUnderTest, printed, resultOf, tracebackOf } from "./client"

let kernel: KernelUnderTest
const start = async (files: Readonly<Record<string, string>> = {}): Promise<void> => {
  kernel = await KernelUnderTest.start(files)
}
afterEach(() => kernel.stop())

describe("a notebook outside of the project", () => {
  beforeEach(() => start())

  test("imports ringlab, with types, from the kernel's own copy", async () => {
    const ran = await kernel.run('import { pc } from "ringlab"\ntypeof pc')
    expect(tracebackOf(ran)).toBe("")
    expect(ran.outputs.map(({ type }) => type)).toEqual(["execute_result"])
    expect(resultOf(ran)).toBe("'function'")
    expect((await kernel.run("const wrong: string = pc")).reply.ename).toBe("TypeScriptError")
    const { data } = await kernel.ask("inspect_request", { code: "pc(", cursor_pos: 3, detail_level: 0 })
    expect(data["text/plain"]).toMatch(/^pc\([\s\S]*A PC with/)
  })

  test("a cell can be a module that later cells import", async () => {
    expect(
      printed(await kernel.run("/** @module shapes */\nconsole.log('ran')\nexport const sides = 4")),
    ).toBe("")
    const ran = await kernel.run('import { sides } from "./shapes"\nsides')
    expect([printed(ran), resultOf(ran)]).toEqual(["ran\n", "4"])
    const wrong = await kernel.run("/** @module shapes */\nexport const sides: number = 'four'")
    expect(tracebackOf(wrong)).toContain("> 2 | export const sides: number = 'four'")
  })

  test("asking for input is refused with a sentence", async () => {
    const ran = await kernel.run(
      'import * as readline from "node:readline/promises"\nawait readline.createInterface({ input: process.stdin }).question("name? ")',
    )
    expect(ran.reply.evalue).toContain("cannot ask for input")
  })
})

describe("a tsconfig.json beside the notebook", () => {
  test("decides how strict the checks are", async () => {
    await start({ "tsconfig.json": '{ "compilerOptions": { "strict": true } }' })
    expect((await kernel.run("const n: number = null")).reply.ename).toBe("TypeScriptError")
  })
  test.each([[["ES2022", "DOM"]], [["DOM", "ES2022"]]])(
    "names the declarations that there are: %j",
    async (lib) => {
      await start({ "tsconfig.json": JSON.stringify({ compilerOptions: { lib, strict: true } }) })
      const ran = await kernel.run(
        "const page: Partial<Document> = { title: 'one' };\n[page.title?.length].at(0)",
      )
      expect([tracebackOf(ran), resultOf(ran)]).toEqual(["", "3"])
      expect((await kernel.run("[1].findLast(() => true)")).reply.ename).toBe("TypeScriptError")
    },
  )
  test("cannot keep cells from running", async () => {
    await start({
      "tsconfig.json":
        '{ "compilerOptions": { "noEmit": true, "module": "commonjs", "target": "es5", "isolatedModules": true } }',
    })
    expect(resultOf(await kernel.run("await Promise.resolve([...new Set([1, 1])].length)"))).toBe("1")
  })
  test("is not needed: without it checks are lenient", async () => {
    await start()
    expect(resultOf(await kernel.run("const n: number = null\nfunction f(x) { return x }\nf(n)"))).toBe(
      "null",
    )
  })
})
