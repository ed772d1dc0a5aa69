import { expect, test } from "vitest"
import { isComplete } from "../../kernel/src/session/convert/complete-code"

/** What a reader has typed, and the indent of the line that follows. */
const UNFINISHED: readonly (readonly [code: string, indent: string])[] = [
  ["if (x)", "  "],
  ["if (x) // why", "  "],
  ["  for (const a of b)", "    "],
  ["if (x) {", "  "],
  ["if (x) { // why", "  "],
  ["if (x) {\n  y()", "  "],
  ["while (x)", "  "],
  ["if (x) y(); else", "  "],
  ["const f = (x) =>", "  "],
  ["const f = (x) => {", "  "],
  ["f(1,", "  "],
  ["const list = [\n  1,\n", "  "],
  ["let x =", "  "],
  ["x +", ""],
  ["x.", ""],
  ["await", ""],
  ["try {\n}", ""],
  ["function f(a: number)", ""],
  ["import { a } from", ""],
  ["let text = `\n    a", ""],
  ["`a $" + "{b", ""],
  ["  /* why", ""],
]

test.each(UNFINISHED)("after %j a reader goes on typing", (code, indent) => {
  expect(isComplete(code)).toEqual({ status: "incomplete", indent })
})

test.each([
  "",
  "x",
  "x // why",
  "await x",
  "if (x) {\n}\n",
  "declare function f(): void",
  "f(() => {\n})",
  "let x",
])("%j is complete", (code) => {
  expect(isComplete(code)).toEqual({ status: "complete" })
})

test.each([")", "a b", "let = = 1", "'text", '"text', "f)("])("%j cannot be completed", (code) => {
  expect(isComplete(code)).toEqual({ status: "invalid" })
})
