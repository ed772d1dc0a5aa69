import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { KernelUnderTest, printed, resultOf, tracebackOf } from "./client"

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start()
})
afterAll(() => kernel.stop())

/** Runs cells one after the other and gives the last one's result. */
async function value(...cells: string[]): Promise<string | undefined> {
  let last: string | undefined
  for (const code of cells) {
    const ran = await kernel.run(code)
    expect(tracebackOf(ran)).toBe("")
    expect(printed(ran, "stderr")).toBe("")
    last = resultOf(ran)
  }
  return last
}

describe("variables", () => {
  test("a variable can be assigned from a later cell, and functions of earlier cells see it", async () => {
    expect(await value("let n = 1\nfunction next() { return ++n }", "n = 10", "next()", "n")).toBe("11")
  })
  test("a name can be declared again with another type", async () => {
    expect(await value("const again = 1", "const again = 'text'", "again.length")).toBe("4")
  })
  test("an earlier function calls the new version of a function that is declared again", async () => {
    const first = "function inner() { return 1 }\nfunction outer() { return inner() }"
    expect(await value(first, "function inner() { return 2 }", "outer()")).toBe("2")
  })
  test("comparing a constant of an earlier cell with another literal is no error", async () => {
    expect(await value("const a = 2", "if (a !== 1) 'differs'\na === 2")).toBe("true")
  })
  test("a union of an earlier cell still narrows", async () => {
    const types =
      "type Shape = { kind: 'box', side: number } | { kind: 'dot' }\nconst shape = { kind: 'box', side: 3 } as Shape"
    expect(await value(types, "shape.kind === 'box' ? shape.side : 0")).toBe("3")
  })
  test("destructuring, with defaults and rest, declares every name", async () => {
    expect(
      await value("const { p, q: [r = 5], ...rest } = { p: 1, q: [] as number[], s: 2 }", "[p, r, rest.s]"),
    ).toBe("[ 1, 5, 2 ]")
  })
  test("a shorthand property takes the variable of an earlier cell", async () => {
    expect(await value("const width = 4", "const make = () => ({ width })\nmake().width")).toBe("4")
  })
  test("var in a loop belongs to the notebook", async () => {
    expect(await value("for (var turn = 0; turn < 3; turn++) {}", "turn")).toBe("3")
  })
  test("classes, enums, namespaces, generics and types cross cells", async () => {
    const first =
      "class Animal<T> { constructor(readonly tag: T) {} }\nenum Ring { Kernel, User = 3 }\nnamespace Geo { export const pi = 3 }\ninterface Named { name: string }"
    const second =
      "class Dog extends Animal<string> {}\nconst named: Named = { name: 'x' }\n;[new Dog('rex').tag, Ring.User, Geo.pi, named.name].join()"
    expect(await value(first, second)).toBe("'rex,3,3,x'")
  })
  test("an enum that is declared again forgets its old members", async () => {
    expect(
      await value(
        "enum Color { Red, Green }\nconst f = () => Color",
        "enum Color { Blue }\nconst g = () => Color\nObject.keys(g())",
      ),
    ).toBe("[ '0', 'Blue' ]")
  })
  test("an arrow function carries the name of its variable", async () => {
    expect(await value("const shown = () => shown\nshown.name")).toBe("'shown'")
  })
  test("what a cell assigned before it failed is kept", async () => {
    await kernel.run("let before = 'set'\nthrow new Error('later')")
    expect(await value("before")).toBe("'set'")
  })
  test("what a cell adds to the declarations of globals is known from then on, and may be written anew", async () => {
    const adds = (type: string, value: string) =>
      `declare global { interface String { shout(): ${type} }\nvar loud: ${type} }
String.prototype.shout = () => ${value}\nglobalThis.loud = ${value}`
    expect(await value(adds("number", "1"), "'a'.shout().toFixed() + loud.toFixed()")).toBe("'11'")
    expect(await value(adds("string", "'A'"), "'a'.shout().trim() + loud.trim()")).toBe("'AA'")
    expect(await value("declare module 'os' { interface CpuInfo { mine: number } }")).toBeUndefined()
    expect(
      await value("import { CpuInfo } from 'os'\nlet cpu: CpuInfo | undefined\ncpu?.mine"),
    ).toBeUndefined()
  })
  test.each([
    ["let", "const early1 = () => late1; early1(); let late1 = 1"],
    ["a class", "const early2 = () => new Late2(); early2(); class Late2 {}"],
    ["a name taken apart", "const early3 = () => late3; early3(); const [late3] = [1]"],
    ["a cell that awaits", "await 0; const early4 = () => late4; early4(); const late4 = 1"],
  ])("a name is not there before the line that declares it: %s", async (_, code) => {
    const { reply } = await kernel.run(code)
    expect(reply.ename).toBe("ReferenceError")
    expect(reply.evalue).toMatch(/^[lL]ate\d has no value: the line that declares it has not run$/)
  })
  test("var is there before it, and undefined", async () => {
    expect(
      await value("const before = [(() => later)(), (() => Kind)()]; var later = 1; var Kind = {}; before"),
    ).toBe("[ undefined, undefined ]")
  })
  test("a variable's first value may come from a function that uses the last one", async () => {
    expect(
      await value("let step = 1\nfunction next2() { return step + 1 }", "let step = next2()", "step"),
    ).toBe("2")
  })
  test("an earlier function sees a variable that is declared anew at once, and the cell sees what it does", async () => {
    expect(await value("let hits = 0\nfunction hit() { hits++ }", "let hits = 10\nhit()\nhits", "hits")).toBe(
      "11",
    )
  })
  test.each([
    ["a call", "let units = 10\nlen()\nunits", "10"],
    [
      "a call, in a branch and in loops",
      "let m\nif (m) len()\nelse m = 3\nfor (const k of [1]) m += k\ndo m++\nwhile (m < 9)\nlen()\nm",
      "9",
    ],
    [
      "names taken apart",
      "let five = 5\nlet { head } = { head: five }\nlet [tail] = [six]\nhead + tail",
      "11",
    ],
    ["a declaration without a value", "let nothing\nlen()\nnothing", undefined],
    ["a tagged text", "let taken = 1\nlen`x`\ntaken", "1"],
    ["what is awaited and thrown", "let w = await len()\nlen()\ntry { throw w\nlen() } catch {}\nw", "4"],
  ])("lines need no semicolons before %s", async (_, code, shows) => {
    expect(await value("const len = (..._: any[]) => 4\nlet six = 6", code)).toBe(shows)
  })
  test("an exported name is a name like any other", async () => {
    expect(
      await value(
        "export const shared = 8\nexport function double(x: number) { return 2 * x }",
        "double(shared)",
      ),
    ).toBe("16")
  })
})

/** Each value takes 8 MB: all of them would not go into the heap. */
test("what a variable held before is let go, cell after cell", async () => {
  const other = await KernelUnderTest.start({}, { RINGLAB_HEAP_MB: "160" })
  await other.run("let first = 'still there'")
  for (let n = 0; n < 40; n++) await other.run(`const last = Array(1e6).fill(${n})`)
  expect(resultOf(await other.run("first + last[0]"))).toBe("'still there39'")
  await other.stop()
})

describe("top-level await", () => {
  test("a cell can await, and its variables are kept", async () => {
    expect(
      await value(
        "const late = await Promise.resolve(5)\nlet sum = 0\nfor await (const x of [1, Promise.resolve(2)]) sum += x",
        "late + sum",
      ),
    ).toBe("8")
  })
  test("a promise as last value is shown, not awaited", async () => {
    expect(await value("Promise.resolve(1)")).toBe("Promise { 1 }")
  })
})

describe("imports", () => {
  test("Node's modules can be imported by name, as a whole and by default", async () => {
    expect(
      await value(
        'import path, { join as glue } from "node:path"\nimport * as os from "os"',
        "[glue('a', 'b'), path.sep === '/', typeof os.cpus]",
      ),
    ).toContain("'a/b'")
  })
  test("a local TypeScript file can be imported, and its edits are seen", async () => {
    kernel.write("part.ts", "export const size: number = 1")
    kernel.write("whole.ts", 'import { size } from "./part"\nexport const twice = () => 2 * size')
    expect(await value('import { twice } from "./whole"\ntwice()')).toBe("2")
    kernel.write("part.ts", "export const size: number = 21\nexport const unused = 1")
    expect(await value('import { twice } from "./whole.ts"\ntwice()')).toBe("42")
  })
  test("data in a JSON file can be imported in every way, and its edits are seen", async () => {
    kernel.write("data.json", '{ "of": [1, 2] }')
    const imports = `import data from "./data.json" with { type: "json" }
import * as all from "./data.json"
import { of } from "./data.json"`
    const shown = "[data.of, all.of.length, of, (await import('./data.json')).default.of.length]"
    expect(await value(`${imports}\n${shown}`)).toBe("[ [ 1, 2 ], 2, [ 1, 2 ], 2 ]")
    kernel.write("data.json", '{ "of": "text" }')
    expect(await value(`${imports}\n${shown}`)).toBe("[ 'text', 4, 'text', 4 ]")
    kernel.write("data.json", '{ "of": ')
    expect(tracebackOf(await kernel.run(imports))).toMatch(/data\.json, line 1:\d - Expression expected/)
  })
  test("a variable of a local file is seen as it is now, until the notebook has its own", async () => {
    kernel.write("counter.ts", "export let count = 0\nexport const increment = () => void count++")
    const first = 'import { count, increment } from "./counter"\nincrement()\ncount'
    expect(await value(first)).toBe("1")
    expect(await value("increment()\nconst read = () => count", "increment()\nread()")).toBe("3")
    expect(await value("let count = 'mine'", "increment()\ncount")).toBe("'mine'")
  })
  test("an import may be written as an assignment", async () => {
    expect(await value('import os = require("os")\ntypeof os.cpus', "typeof os.cpus")).toBe("'function'")
  })
  test("a mistake in a local file is told with the file's name", async () => {
    kernel.write("wrong.ts", 'export const size: number = "one"')
    const ran = await kernel.run('import { size } from "./wrong"\nsize')
    expect(tracebackOf(ran)).toMatch(
      /wrong\.ts, line 1:14 - Type 'string' is not assignable to type 'number'/,
    )
  })
  test("a package that is an ES module only can be imported", async () => {
    const { mkdirSync } = await import("node:fs")
    mkdirSync(`${kernel.folder}/node_modules/only-esm`, { recursive: true })
    kernel.write(
      "node_modules/only-esm/package.json",
      '{"name":"only-esm","type":"module","exports":{".":{"types":"./index.d.ts","import":"./index.js"}}}',
    )
    kernel.write(
      "node_modules/only-esm/index.js",
      "export const answer = await Promise.resolve(42)\nexport default 'd'",
    )
    kernel.write(
      "node_modules/only-esm/index.d.ts",
      "export declare const answer: number\ndeclare const d: string\nexport default d",
    )
    expect(await value('import letter, { answer } from "only-esm"\nletter + answer.toFixed()')).toBe("'d42'")
    expect(await value('const dynamic = await import("only-esm")\ndynamic.answer')).toBe("42")
  })
  test("a package that is not there is an error of the cell, before it runs", async () => {
    const ran = await kernel.run('console.log("ran")\nimport { x } from "no-such-package"\nx')
    expect(tracebackOf(ran)).toContain("Cannot find module 'no-such-package'")
    expect(printed(ran)).toBe("")
  })
  test("a cell does not get hold of the line to the kernel", async () => {
    expect(
      await value('import { parentPort, workerData } from "node:worker_threads"\n;[parentPort, workerData]'),
    ).toBe("[ null, null ]")
  })
  test("tslab's display shows every kind of thing, and a display of its own is replaced", async () => {
    const ran = await kernel.run(
      'import * as tslab from "tslab"\ntslab.display.html("<b>x</b>")\ntslab.display.png(new Uint8Array([1, 2]))\nconst area = tslab.newDisplay()\narea.text("a")\narea.text("b")',
    )
    const shown = ran.outputs.map(({ type, content }) => [type, content.data])
    expect(shown).toEqual([
      ["display_data", { "text/html": "<b>x</b>" }],
      ["display_data", { "image/png": "AQI=" }],
      ["display_data", { "text/plain": "a" }],
      ["update_display_data", { "text/plain": "b" }],
    ])
    expect(ran.outputs[3].content.transient).toEqual(ran.outputs[2].content.transient)
  })
})

test("decorators are the experimental ones or those of the coming standard, as they are written", async () => {
  const standard = `function named(method: (...values: any[]) => any, context: ClassMethodDecoratorContext) {
  return function (this: any, ...values: any[]) { return String(context.name) + " " + method.apply(this, values) }
}
class Adder { @named add(a: number, b: number): any { return a + b } }
new Adder().add(1, 2)`
  const experimental = `function sealed(target: Function) { Object.seal(target) }
@sealed
class Greeter {}
Object.isSealed(Greeter)`
  for (const [code, result] of [
    [standard, "'add 3'"],
    [experimental, "true"],
    [standard, "'add 3'"],
  ])
    expect(resultOf(await kernel.run(code))).toBe(result)
  const wrong = await kernel.run(
    "function no(a: string, b: string, c: string, d: string) {}\nclass Bad { @no m() {} }",
  )
  expect(wrong.reply.ename).toBe("TypeScriptError")
})

test("in a timer's callback `this` is the timer, as Node has it", async () => {
  const ran = await kernel.run(`let turns = 0
await new Promise<void>((done) => {
  setInterval(function (this: any) {
    if (++turns === 1) clearInterval(this)
    setTimeout(done, 20)
  }, 1)
})
turns`)
  expect(resultOf(ran)).toBe("1")
})
