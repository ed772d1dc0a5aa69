import ts from "typescript"
import { expect, test } from "vitest"
import { isPlainJavaScript } from "../../kernel/src/session/convert/plain"

const isPlain = (code: string): boolean =>
  isPlainJavaScript(ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, false))

const PLAIN = [
  "",
  "1 + 1",
  "const a = [...b, { c, ...d }]\na?.b ??= 2n ** 3n",
  "async function f({ a }, ...rest) { for await (const b of a) yield_(await b) }",
  "asm`mov eax, cr3`",
  "class A { m() {} get b() { return super.b } }",
  "a < b && c > (d)",
  "label: for (;;) break label",
  "import.meta.url",
]

const REWRITTEN = [
  "let a: number",
  "import fs = require('fs')",
  "f<string>(x)",
  "a as b",
  "a satisfies B",
  "<any>x",
  "x!",
  "enum E { A }",
  "namespace N { export const a = 1 }",
  "type T = 1",
  "interface I {}",
  "declare const a: 1",
  "function f(a?) {}",
  "function f(this) {}",
  "function f(a)\nfunction f(a) {}",
  "abstract class A {}",
  "class A { constructor(public a) {} }",
  "class A { a = 1 }",
  "@d class A {}",
  "using a = b",
  "new Map<string, number>()",
  'import a from "a"',
  'export { a } from "a"',
  'await import("./a.ts")',
]

test.each(PLAIN)("this is JavaScript as it stands: %s", (code) => expect(isPlain(code)).toBe(true))

test.each(REWRITTEN)("this the compiler has to rewrite: %s", (code) => expect(isPlain(code)).toBe(false))
