import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { EXERCISES } from "../../src/exercises/catalogue"
import { EXPERIMENTS } from "../../src/experiments/catalogue"
import { KernelUnderTest, resultOf } from "./client"

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start()
})
afterAll(() => kernel.stop())

/** What completes the code at its end. */
async function completions(code: string): Promise<string[]> {
  const { matches, cursor_start } = await kernel.ask("complete_request", { code, cursor_pos: code.length })
  return matches.map((name: string) => code.slice(0, cursor_start) + name)
}

describe("where the compiler knows no properties, those complete that the value has now:", () => {
  test("of a value of any type, and of what is in it", async () => {
    await kernel.run(`const j: any = JSON.parse('{"ab":1,"rows":[{"of":{"x y":1,"z":2}}]}')`)
    expect((await completions("j.")).slice(0, 2)).toEqual(["j.ab", "j.rows"])
    expect(await completions("const twice = () => 2 * j.a")).toEqual(["const twice = () => 2 * j.ab"])
    expect((await completions("j?.rows[0]!.of.")).slice(0, 2)).toEqual([
      "j?.rows[0]!.of.z",
      "j?.rows[0]!.of.constructor",
    ])
    expect(await completions("j.rows.len")).toEqual(["j.rows.length"])
  })
  test("of texts and of instances, inherited ones, too", async () => {
    await kernel.run(
      "class Base { early() {} }\nclass Late extends Base { own = 1 }\nconst late: any = new Late(), text: any = 'a'",
    )
    expect((await completions("late.")).slice(0, 3)).toEqual(["late.own", "late.constructor", "late.early"])
    expect(await completions("text.toUpper")).toEqual(["text.toUpperCase"])
  })
  test("of a table with very many entries only these, since to list what is hidden takes V8 long", async () => {
    await kernel.run(`const table: any = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => ["key" + i, i]))
const few: any = { key1: 1 }
for (const one of [table, few]) Object.defineProperty(one, "hidden", { value: 1, enumerable: false })`)
    expect(await completions("table.key19")).toContain("table.key19999")
    expect(await completions("table.hid")).toEqual([])
    expect(await completions("few.hid")).toEqual(["few.hidden"])
  })
  test("without running a getter, or asking a proxy", async () => {
    await kernel.run(`let touched = 0
const trap: any = new Proxy({}, { get() { touched++ }, ownKeys() { touched++; return [] }, getPrototypeOf() { touched++; return null } })
const o: any = { get side() { touched++; return { inner: 1 } }, trap }`)
    expect((await completions("o.")).slice(0, 2)).toEqual(["o.side", "o.trap"])
    for (const code of ["o.side.", "o.trap.", "trap."]) expect(await completions(code)).toEqual([])
    expect(resultOf(await kernel.run("touched"))).toBe("0")
  })
  test("and none of what is not the notebook's, or only a call would tell", async () => {
    await kernel.run("const give: any = () => ({ inner: 1 })")
    for (const code of [
      "give().",
      "(j: any) => j.",
      "function f(j: any) {\n  return j.",
      "for (const j of [] as any[]) j.",
    ])
      expect(await completions(code)).toEqual([])
  })
})

test("names of built-in experiments and exercises complete, all of them", async () => {
  await kernel.run('import { exercise, explore } from "ringlab"')
  const namesIn = (call: string, all: readonly { readonly name: string }[]): string[] =>
    all.map(({ name }) => `${call}("${name}`).sort()
  expect((await completions('explore("')).sort()).toEqual(namesIn("explore", EXPERIMENTS))
  expect((await completions('exercise("')).sort()).toEqual(namesIn("exercise", EXERCISES))
  expect(await completions('exercise("popek-goldberg/wit')).toEqual(['exercise("popek-goldberg/witness'])
})

test.each([
  ['import fs from "node:f', 'import fs from "node:fs'],
  ['import { x } from "./conn', 'import { x } from "./connection.json'],
  ['let way: "left" | "right" = "le', 'let way: "left" | "right" = "left'],
  ['const row = { "x y": 1 }\nrow["x', 'const row = { "x y": 1 }\nrow["x y'],
])("texts of which the compiler knows what they may be complete: %s", async (code, completed) => {
  expect((await completions(code))[0]).toBe(completed)
})

test("registers by name complete, and a wrong one is told in a sentence", async () => {
  const run = 'import { asm, record } from "ringlab"\nrecord(asm`hlt`).at(1)'
  expect(await completions(`${run}.e`)).toEqual(
    expect.arrayContaining(["eax", "ebp", "eip"].map((name) => `${run}.${name}`)),
  )
  expect((await kernel.run(`${run}.rax`)).reply.evalue).toMatch(
    /^line 2: Property 'rax' does not exist on type 'RecordedMoment'\.$/,
  )
})

/** What help says of a name, below its signature. */
async function help(code: string): Promise<string> {
  const { data } = await kernel.ask("inspect_request", { code, cursor_pos: code.length, detail_level: 0 })
  return data["text/markdown"].replace(/^```typescript\n[\s\S]*?\n```\n\n/, "")
}

describe("help inside of asm`…` tells of the instruction,", () => {
  const lines = 'import { asm } from "ringlab"\nconst sel = 8\nasm`mov eax, $' + "{sel}\n  "
  const told = async (code: string): Promise<string> => {
    const { data } = await kernel.ask("inspect_request", {
      code: `${code}\n`,
      cursor_pos: code.length,
      detail_level: 0,
    })
    return data["text/markdown"]
  }

  test("its forms, whether it is privileged, and the manual's volume", async () => {
    const text = await told(`${lines}lgdt`)
    expect(text).toContain("LGDT m16&32")
    expect(text).toContain("Privileged: outside ring 0 it faults with #GP(0).")
    expect(text).toContain("Manual: SDM Vol. 2A, “LGDT”.")
  })

  test("and of asm and of what is inserted as before, and where a comment stands", async () => {
    expect(await told(lines.slice(0, -"}\n  ".length))).toContain("const sel: 8")
    expect(await told(`${lines}; then lgdt`)).not.toContain("Privileged")
    expect(await told('import { asm } from "ringlab"\nasm')).toContain("Assemble the text of a template")
    expect(await told("const other = (text: TemplateStringsArray) => text\nother`lgdt")).not.toContain(
      "Privileged",
    )
  })
})

describe("help shows a doc comment's tags as Markdown", () => {
  const comment = (throws: string) => `/**
 * Adds. See {@link Math.max} and {@link https://example.org the page}.
 * @param a - the first,
 * a number
 * @param b
 * @returns the sum
 * @throws ${throws} if it is too big
 * @deprecated use \`plus\`
 * @internal
 * @remarks none
 * @example
 * add(1, 2)
 * @see Knuth, "The Art"
 */`
  const shown = (throws: string) => `**Deprecated** use \`plus\`

Adds. See \`Math.max\` and [the page](https://example.org).

**Parameters**

- \`a\`: the first,
  a number
- \`b\`

**Returns** the sum

**Throws** ${throws} if it is too big

**Example**

\`\`\`typescript
add(1, 2)
\`\`\`

**Remarks** none

**See** Knuth, "The Art"`

  test("of a cell's own function", async () => {
    await kernel.run(`${comment("{RangeError}")}\nfunction add(a: number, b: number) { return a + b }`)
    expect(await help("add(")).toBe(shown("`RangeError`"))
  })
  test("of a package's function", async () => {
    kernel.write(
      "sums.d.ts",
      `${comment("RangeError")}\nexport declare function plus(a: number, b: number): number`,
    )
    kernel.write("sums.js", "exports.plus = (a, b) => a + b")
    await kernel.run('import { plus } from "./sums"')
    expect(await help("plus(")).toBe(shown("RangeError"))
  })
  test("and keeps code that stands in fences", async () => {
    await kernel.run("/**\n * @example\n * ```\n * two()\n * ```\n */\nfunction two() { return 2 }")
    expect(await help("two")).toBe("**Example**\n\n```\ntwo()\n```")
  })
})
