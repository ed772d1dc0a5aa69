import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { inFolder, isOfPackage } from "../../kernel/src/session/convert/paths"
import { KernelUnderTest, printed, resultOf, tracebackOf } from "./client"

let kernel: KernelUnderTest
const start = async (files: Readonly<Record<string, string>> = {}): Promise<void> => {
  kernel = await KernelUnderTest.start(files)
}
afterEach(() => kernel?.process.exitCode === null && kernel.stop())

test("whoever imports a local file that is about to run waits until it has run, but not in a circle", async () => {
  await start({
    "slow.ts": "await new Promise((r) => setTimeout(r, 100))\nexport const x = 1",
    "user.ts": 'import { x } from "./slow"\nexport const y = x',
    "left.ts": 'await null\nimport { right } from "./right"\nexport const left = () => right',
    "right.ts": 'import { left } from "./left"\nexport const right = 2\nexport const back = () => left()',
    "never.ts":
      "console.log('waits')\nawait new Promise((r) => setTimeout(r, kept))\nexport const end = 3\ndeclare const kept: number",
  })
  const both = `const found = await Promise.all([import("./slow").then(({ x }) => x), import("./user").then(({ y }) => y)])
found`
  expect(resultOf(await kernel.run(both))).toBe("[ 1, 1 ]")
  const circle = `const [l, r] = await Promise.all([import("./left"), import("./right")])\n;[l.left(), r.back()]`
  expect(resultOf(await kernel.run(circle))).toBe("[ 2, 2 ]")
  await kernel.run("Object.assign(globalThis, { kept: 1e9 })")
  const id = kernel.submit('import { end } from "./never"\nend')
  await kernel.interruptWhenPrinting(id)
  await kernel.finished(id)
  await kernel.run("Object.assign(globalThis, { kept: 1 })")
  expect(resultOf(await kernel.run('import { end } from "./never"\nend'))).toBe("3")
})

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
    expect(ran.reply.evalue).toContain("answers no questions")
  })
})

test("a cell can change its folder, for all that it does, and a new session begins where the notebook lies", async () => {
  kernel = await KernelUnderTest.start({}, { RINGLAB_HEAP_MB: "100" })
  const home = resultOf(await kernel.run("let home = process.cwd()\nhome"))
  const moved = await kernel.run(`import { execSync } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
mkdirSync("inner")
process.chdir("inner")
writeFileSync("note", "here");
[process.cwd() === home + "/inner", existsSync(home + "/inner/note"), String(execSync("pwd")).trim() === home + "/inner"]`)
  expect(resultOf(moved)).toBe("[ true, true, true ]")
  const none = await kernel.run('process.chdir("/no/such/folder")')
  expect(none.reply.evalue).toMatch(
    /^ENOENT: no such file or directory, chdir '.*inner' -> '\/no\/such\/folder'$/,
  )
  kernel.write("beside.ts", "export const beside = 7")
  expect(resultOf(await kernel.run('import { beside } from "./beside"\nbeside'))).toBe("7")
  const full = await kernel.run(
    "const all: unknown[] = []\nfor (;;) all.push(new Array(1e5).fill(all.length))",
  )
  expect(full.reply.ename).toBe("SessionEnded")
  expect(resultOf(await kernel.run("process.cwd()"))).toBe(home)
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

describe("a notebook in an unusual folder", () => {
  test("at the root imports, is checked, and knows earlier cells", async () => {
    kernel = await KernelUnderTest.start({}, {}, [], "/")
    expect(resultOf(await kernel.run('import { sep } from "node:path"\nlet root = sep\nroot'))).toBe("'/'")
    expect(resultOf(await kernel.run("root + process.cwd()"))).toBe("'//'")
    expect((await kernel.run("const n: number = root")).reply.ename).toBe("TypeScriptError")
    const { matches } = await kernel.ask("complete_request", { code: "root.toUpperC", cursor_pos: 13 })
    expect(matches).toEqual(["toUpperCase"])
  })

  test("below a node_modules imports its own files, beside it and in the same package, and sees their edits", async () => {
    const home = mkdtempSync(join(tmpdir(), "ringlab-packaged-"))
    const folder = join(home, "node_modules", "@some", "course", "week1")
    mkdirSync(folder, { recursive: true })
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
    write("own.ts", "export const own: number = 1")
    write("../shared.ts", "export enum Shared { Two = 2 }")
    kernel = await KernelUnderTest.start({}, {}, [], folder)
    const code = 'import { own } from "./own"\nimport { Shared } from "../shared"\nown + Shared.Two'
    expect(resultOf(await kernel.run(code))).toBe("3")
    write("own.ts", "export const own: number = 40 as number\nexport const more = 1")
    expect(resultOf(await kernel.run(code))).toBe("42")
    rmSync(home, { recursive: true })
  })
})

test.each([
  ["/", "a.ts", "/a.ts"],
  ["C:/", "a.ts", "C:/a.ts"],
  ["/home/x", "a.ts", "/home/x/a.ts"],
])("a file in %s has one slash before its name", (folder, name, path) => {
  expect(inFolder(folder, name)).toBe(path)
})

test.each([
  ["/home/node_modules/left/a.ts", "/home", true],
  ["/home/a.ts", "/home", false],
  ["/x/node_modules/course/week1/a.ts", "/x/node_modules/course/week1", false],
  ["/x/node_modules/course/a.ts", "/x/node_modules/course/week1", false],
  ["/x/node_modules/course/node_modules/left/a.ts", "/x/node_modules/course", true],
  ["/x/node_modules/left/a.ts", "/x/node_modules/course", true],
  ["/x/node_modules/@some/left/a.ts", "/x/node_modules/@some/course", true],
  ["C:/node_modules/@some/course/a.ts", "C:/node_modules/@some/course/w", false],
])("whether %s, seen from %s, is a package's: %s", (file, folder, is) => {
  expect(isOfPackage(file, folder)).toBe(is)
})
