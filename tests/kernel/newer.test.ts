import { afterAll, beforeAll, expect, test } from "vitest"
import { KernelUnderTest, resultOf } from "./client"

/** What the compiler knows is what the running Node.js has, neither more nor less. */
let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start()
})
afterAll(() => kernel.stop())

test.each([
  ["groupBy", "Object", "Object.groupBy([1, 2], (n) => (n > 1 ? 'big' : 'small')).big", "[ 2 ]"],
  ["union", "Set.prototype", "new Set([1]).union(new Set([2])).size", "2"],
  ["fromAsync", "Array", "await Array.fromAsync([1, 2])", "[ 1, 2 ]"],
  ["isWellFormed", "String.prototype", "'a'.isWellFormed()", "true"],
  ["Iterator", "globalThis", "[1, 2].values().map((n) => n * 2).toArray()", "[ 2, 4 ]"],
  ["withResolvers", "Promise", "typeof Promise.withResolvers<number>().resolve", "'function'"],
  ["navigator", "globalThis", "typeof navigator.hardwareConcurrency", "'number'"],
])("%s of %s", async (name, owner, code, result) => {
  const isThere = resultOf(await kernel.run(`"${name}" in ${owner}`)) === "true"
  const { reply, outputs } = await kernel.run(code)
  if (isThere) expect(resultOf({ outputs })).toBe(result)
  else expect(reply.ename).toBe("TypeScriptError")
})

test("WebAssembly, which the compiler counts among the parts of a browser", async () => {
  const bytes = "new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])"
  expect(resultOf(await kernel.run(`const empty = new WebAssembly.Module(${bytes})`))).toBeUndefined()
  const instance = "(await WebAssembly.instantiate(empty)) instanceof WebAssembly.Instance"
  expect(resultOf(await kernel.run(instance))).toBe("true")
})
