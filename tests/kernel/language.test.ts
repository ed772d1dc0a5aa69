import { createRequire } from "node:module"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { KernelUnderTest, resultOf, tracebackOf } from "./client"

/** tslab's own converter, as far as it is asked here. */
interface Converter {
  convert(
    declarations: string,
    source: string,
  ): { diagnostics: { messageText: string }[]; declOutput?: string }
  close(): void
}
const { createConverter } = createRequire(import.meta.url)("tslab/dist/converter.js") as {
  createConverter(): Converter
}

/** Cells that stock tslab takes, one after the other, and what the last one shows under our kernel. */
const CASES: Readonly<Record<string, readonly [cells: readonly string[], shows: string]>> = {
  "variables of every kind": [
    ["let a = 1, b: string = 'b'; const c = [a]; var d", "[a, b, c, d]"],
    "[ 1, 'b', [ 1 ], undefined ]",
  ],
  "functions, generators and async functions": [
    [
      "function twice(x: number) { return 2 * x }\nfunction* two() { yield 1; yield 2 }\nasync function later() { return 3 }",
      "[twice(4), ...two(), await later()]",
    ],
    "[ 8, 1, 2, 3 ]",
  ],
  "destructuring with defaults and rest": [
    ["let [p, q = 7, ...r] = [1, undefined, 3, 4], { s, ...t } = { s: 's', u: 1 }", "[p, q, r, s, t]"],
    "[ 1, 7, [ 3, 4 ], 's', { u: 1 } ]",
  ],
  "optional chaining and ??": [
    ["const nobody: { name?: { first: string } } = {}", "nobody.name?.first ?? 'none'"],
    "'none'",
  ],
  "a variable changed from within a function": [
    ["let clicks = 0\nfunction click() { clicks++ }", "click(); click()", "clicks"],
    "2",
  ],
  "interfaces and classes": [
    [
      "interface Shape { area(): number }\nclass Square implements Shape { constructor(private side: number) {} area() { return this.side ** 2 } }",
      "const shape: Shape = new Square(3)\nshape.area()",
    ],
    "9",
  ],
  "type aliases and generics": [
    [
      "type Pair<T> = [T, T]\nclass Box<T> { constructor(readonly held: T) {} }",
      "const both: Pair<number> = [1, 2]\nnew Box(both).held",
    ],
    "[ 1, 2 ]",
  ],
  "enums, constant ones too": [
    [
      "enum Colour { Red = 1, Blue }\nconst enum Size { Small = 's' }",
      "[Colour.Blue, Colour[1], Size.Small]",
    ],
    "[ 2, 'Red', 's' ]",
  ],
  "a block that looks like an object": [["{ x: 10 }"], ""],
  "imports: all, named, renamed, default, types only": [
    [
      'import * as os from "os"\nimport { join, sep as separator } from "path"\nimport path from "path"\nimport type { CpuInfo } from "os"',
      "let cpu: CpuInfo | undefined\n[typeof os.cpus, join('a', 'b') === 'a' + separator + 'b', path.basename('a/b'), cpu]",
    ],
    "[ 'function', true, 'b', undefined ]",
  ],
  "a type that comes with an imported function": [
    ['import { userInfo } from "os"\nlet me = userInfo()', "typeof me.username"],
    "'string'",
  ],
  "a dynamic import": [['const { extname } = await import("path")\nextname("a.ts")'], "'.ts'"],
  "an interface in two parts": [
    [
      "interface Two { a: number }\ninterface Two { b: number }\nconst two: Two = { a: 1, b: 2 }",
      "two.a + two.b",
    ],
    "3",
  ],
  decorators: [
    [
      "function sealed(target: Function) { Object.seal(target) }\n@sealed\nclass Greeter {}",
      "Object.isSealed(Greeter)",
    ],
    "true",
  ],
  "await at the top": [
    ["async function hello() { return 'hello' }\nlet said = await hello()", "said"],
    "'hello'",
  ],
  "for await at the top": [
    ["let sum = 0\nfor await (const n of [1, Promise.resolve(2)]) sum += n", "sum"],
    "3",
  ],
  "a class called Promise beside an async function": [
    ["async function zero() { return 0 }\nclass Promise {}", "typeof new Promise()"],
    "'object'",
  ],
  "a variable called require": [["let require = 123", "require", "require + 1"], "124"],
  "an assignment to a variable of an earlier cell": [["let x = 1", "x = x + 1", "x"], "2"],
  "a variable declared again with another type": [
    ["let v: number = 1, w = 'w'", "let v = true", "[v, w]"],
    "[ true, 'w' ]",
  ],
  "a class in place of an interface, a value in place of a type": [
    [
      "interface First { x: number }\ntype Second = First | number",
      "class First { y = 'y' }\nlet Second = 123",
      "[new First().y, Second]",
    ],
    "[ 'y', 123 ]",
  ],
  "a value in place of a class": [["class Kind {}", "let Kind = 10", "Kind"], "10"],
  "a type in place of a class": [
    ["class Sort {}", "interface Sort { x: number }\nconst sort: Sort = { x: 5 }", "sort.x"],
    "5",
  ],
  "a value in place of an enum": [["enum Mode { On = 1 }", "let Mode = 10", "Mode"], "10"],
  "a type in place of an enum": [
    ["enum Way { Up = 1 }", "interface Way { x: number }\nconst way: Way = { x: 6 }", "way.x"],
    "6",
  ],
  "a type of one's own in place of an imported one": [
    [
      'import { CpuInfo } from "os"',
      "interface CpuInfo { x: number }\nconst info: CpuInfo = { x: 1 }",
      "info.x",
    ],
    "1",
  ],
  "a value with the name of an imported type": [
    ['import { CpuInfo } from "os"', "let CpuInfo = 10", "CpuInfo"],
    "10",
  ],
  "a value in place of an imported one": [['import { cpus } from "os"', "let cpus = 10", "cpus"], "10"],
  "a type with the name of an imported value": [
    ['import { cpus as list } from "os"', "type list = number\nconst n: list = 4", "n"],
    "4",
  ],
  "a value in place of an imported namespace": [['import * as fs from "fs"', "let fs = 10", "fs"], "10"],
  "a global under a name of one's own": [["let process = 5", "let same = process\nsame"], "5"],
  "an interface with a global's name": [
    ["interface Map { mine(): number }\nfunction make(): Map { return { mine: () => 8 } }", "make().mine()"],
    "8",
  ],
  "an imported function that is called": [['import { dirname } from "path"', 'dirname("a/b")'], "'a'"],
  "tslab's own display": [['import * as tslab from "tslab"', "typeof tslab.display.html"], "'function'"],
  "a last expression after a declaration": [["let u = 3 + 4\n;u * u"], "49"],
  "a last expression before an empty statement": [["6 * 7;;"], "42"],
  "a default export by its name": [
    ["export default class Exported { z = 3 }", "const made: Exported = new Exported()\nmade.z"],
    "3",
  ],
  "default exports without a name": [
    ["export default { a: 1, b: 2 }", "export default function () {}", "export default class {}", "'all'"],
    "'all'",
  ],
  "an export of a name under another": [["const inside = 5\nexport { inside as outside }", "inside"], "5"],
  "the name of the global object, all by itself": [["global", "typeof global"], "'object'"],
  "the default of a dynamic import": [
    ["const events = await import('events')\nevents.default === events.EventEmitter"],
    "true",
  ],
  "what CommonJS modules know": [
    ["module.exports.kept = __filename.startsWith(__dirname)", "exports.kept"],
    "true",
  ],
  "a declaration of a global that is there": [
    ["declare function atob(text: string): string\natob('YQ==')", "atob('Yg==')"],
    "'b'",
  ],
  "a declaration of a variable of an earlier cell": [
    ["let early = 1", "declare let early: number", "++early"],
    "2",
  ],
  "regular expressions over sets": [["/^[\\p{L}--[a-z]]$/v.test('A')"], "true"],
}

let kernel: KernelUnderTest
let converter: Converter
beforeAll(async () => {
  converter = createConverter()
  kernel = await KernelUnderTest.start()
})
afterAll(async () => {
  converter.close()
  await kernel.stop()
})

/** What tslab's converter complains of, cell after cell. */
function complaints(cells: readonly string[]): string[] {
  let declarations = ""
  return cells.flatMap((cell) => {
    const { diagnostics, declOutput } = converter.convert(declarations, cell)
    declarations = declOutput ?? declarations
    return diagnostics.map(({ messageText }) => messageText)
  })
}

describe("what tslab takes, our kernel takes:", () => {
  test.each(Object.entries(CASES))("%s", async (_, [cells, shows]) => {
    expect(complaints(cells)).toEqual([])
    let last = ""
    for (const cell of cells) {
      const ran = await kernel.run(cell)
      expect(ran.reply.status, tracebackOf(ran)).toBe("ok")
      last = resultOf(ran) ?? ""
    }
    expect(last).toBe(shows)
  })
})
