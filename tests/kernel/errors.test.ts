import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { KernelUnderTest, printed, resultOf, tracebackOf } from "./client"

let kernel: KernelUnderTest
beforeAll(async () => {
  kernel = await KernelUnderTest.start()
})
afterAll(() => kernel.stop())

test("a thrown error has name, message and a traceback that shows the cell's own line", async () => {
  const ran = await kernel.run(
    "interface Gone { a: number }\n\n// a comment\nfunction fail(o: any): number {\n  return o.missing.deep\n}\nfail({})",
  )
  expect(ran.reply).toMatchObject({
    status: "error",
    ename: "TypeError",
    evalue: "Cannot read properties of undefined (reading 'deep')",
  })
  expect(ran.outputs.map(({ type }) => type)).toEqual(["error"])
  expect(ran.outputs[0].content.traceback).toEqual(ran.reply.traceback)
  expect(tracebackOf(ran)).toContain("> 5 |   return o.missing.deep\n")
  expect(tracebackOf(ran)).toMatch(/at fail, cell \d+, line 5:\d+\n {4}at cell \d+, line 7:/)
})

test("an error in a function of an earlier cell points to that cell", async () => {
  const first = await kernel.run("const late = () => { throw new RangeError('too far') }")
  const ran = await kernel.run("late()")
  expect(tracebackOf(ran)).toContain(`cell ${first.reply.execution_count}, line 1`)
  expect(tracebackOf(ran)).toContain(`cell ${ran.reply.execution_count}, line 1`)
})

test("messages speak of the reader's variables, not of the converter's", async () => {
  await kernel.run("let thing: any")
  expect((await kernel.run("const use = () => thing()\nuse()")).reply.evalue).toBe("thing is not a function")
  expect((await kernel.run("const use2 = () => thing.x.y()\nthing = { x: {} }\nuse2()")).reply.evalue).toBe(
    "thing.x.y is not a function",
  )
})

test("an error in a local file points to the file's line", async () => {
  kernel.write(
    "helper.ts",
    "interface Unused { a: 1 }\n\nexport function boom(): void {\n  throw new Error('inside')\n}",
  )
  const ran = await kernel.run('import { boom } from "./helper"\nboom()')
  expect(tracebackOf(ran)).toContain("> 4 |   throw new Error('inside')")
})

test("a type error is told before anything runs", async () => {
  const ran = await kernel.run("console.log('ran')\nconst n: number = 'text'")
  expect(printed(ran)).toBe("")
  expect(ran.reply.ename).toBe("TypeScriptError")
  expect(ran.reply.evalue).toBe("line 2: Type 'string' is not assignable to type 'number'.")
  expect(tracebackOf(ran)).toContain("> 2 | const n: number = 'text'\n    |       ^")
})

test("a mistake in assembly is shown at its own line of the cell", async () => {
  const ran = await kernel.run(
    'import { asm } from "ringlab"\nconst guest = asm`\n  nop\n  mov eax, bl\n  hlt`',
  )
  expect(tracebackOf(ran)).toContain("> 4 |   mov eax, bl\n    |            ^")
})

test("a variable that its cell never came to says so, until it gets a value", async () => {
  await kernel.run('throw new Error("early")\nconst never = { a: 1 }\nlet soon = 1')
  const ran = await kernel.run("never.a")
  expect(ran.reply.evalue).toBe("never has no value: the line that declares it has not run")
  expect(resultOf(await kernel.run("soon = 3\nsoon + 1"))).toBe("4")
  expect(resultOf(await kernel.run("const never = { a: 2 }\nnever.a"))).toBe("2")
})

test("code that cannot be read is a SyntaxError", async () => {
  expect((await kernel.run("let = = 3")).reply.ename).toBe("SyntaxError")
})

test.each([
  ["function f() {", "line 1:15 - '}' expected"],
  ["let s = `abc\n\n", "line 1:13 - Unterminated template literal"],
  ["if (1\n", "line 1:6 - ')' expected"],
  ["\n/* x", "line 2:5 - '*/' expected"],
])("of code that lacks its end the last line is shown: %j", async (code, says) => {
  const ran = await kernel.run(code)
  expect(tracebackOf(ran)).toContain(says)
  expect(tracebackOf(ran)).toMatch(/^> \d \|/m)
})

test("a name of a refused cell is not known afterwards", async () => {
  await kernel.run("const refused: number = 'x'")
  expect((await kernel.run("refused")).reply.evalue).toContain("Cannot find name 'refused'")
})

test("anything can be thrown", async () => {
  expect((await kernel.run("throw { code: 7 }")).reply).toMatchObject({
    ename: "Thrown",
    evalue: "{ code: 7 }",
  })
  expect((await kernel.run("throw null")).reply).toMatchObject({ ename: "Thrown", evalue: "null" })
  const hostile =
    "throw Object.defineProperties(new Error('x'), { stack: { get() { throw 1 } }, name: { get() { throw 2 } } })"
  expect((await kernel.run(hostile)).reply).toMatchObject({ status: "error", ename: "Error", evalue: "x" })
})

test.each([
  ["a proxy that refuses everything", "new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })"],
  [
    "a proxy around an error",
    "new Proxy(new Error('in'), { get() { throw 1 }, getPrototypeOf() { throw 2 } })",
  ],
  [
    "an object whose text throws",
    "{ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no') } }",
  ],
  ["an error whose getters throw", "Object.defineProperty(new Error('x'), 'cause', { get() { throw 1 } })"],
])("%s can be thrown, at once, in a promise and in a timer, and the cell ends", async (_, thrown) => {
  const ways = [
    `throw ${thrown}`,
    `void Promise.reject(${thrown})`,
    `setTimeout(() => { throw ${thrown} }, 1); await new Promise(() => {})`,
  ]
  for (const way of ways) expect((await kernel.run(way)).reply.status).toBe("error")
  expect(resultOf(await kernel.run("1 + 1"))).toBe("2")
})

test("an error that is its own cause is told, and so is each of several", async () => {
  const own = await kernel.run("const round: any = new Error('round')\nround.cause = round\nthrow round")
  expect(tracebackOf(own)).toMatch(/^Error: round[\s\S]*caused by:\nError: round/)
  const both = await kernel.run(
    "await Promise.any([Promise.reject(new Error('one')), Promise.reject('two')])",
  )
  expect(tracebackOf(both)).toMatch(/error 1 of 2:\nError: one[\s\S]*error 2 of 2:\nThrown: 'two'/)
})

test("a message of any length is cut, and its line is still shown", async () => {
  const { reply, outputs } = await kernel.run("const no = 'no '.repeat(1e6)\nthrow new Error(no)")
  expect(reply.evalue).toMatch(/^no no .* … \(2990000 more characters\)$/)
  expect(JSON.stringify(outputs).length).toBeLessThan(100_000)
  expect(tracebackOf({ outputs })).toContain("> 2 | throw new Error(no)")
})

test("a cell that the kernel itself cannot work on says so, and other cells run", async () => {
  const deep = await kernel.run(`${"[".repeat(5000)}${"]".repeat(5000)}`)
  expect(deep.reply.ename).toBe("KernelError")
  expect(resultOf(await kernel.run("1 + 1"))).toBe("2")
})

test("what a cell does to built-in objects keeps no cell from running and no error from being told", async () => {
  await kernel.run("const { push } = Array.prototype\nArray.prototype.push = null as any")
  expect(resultOf(await kernel.run("1 + 1"))).toBe("2")
  expect((await kernel.run("throw new Error('x')")).reply.evalue).toBe("x")
  const { matches } = await kernel.ask("complete_request", { code: "Math.fl", cursor_pos: 7 })
  expect(matches).toContain("floor")
  await kernel.stop()
  kernel = await KernelUnderTest.start()
})

test("the cause of an error is told too", async () => {
  const ran = await kernel.run("throw new Error('outer', { cause: new Error('inner') })")
  expect(tracebackOf(ran)).toMatch(/Error: outer[\s\S]*caused by:\nError: inner/)
})

test("a promise that is rejected unheard makes its cell fail", async () => {
  const ran = await kernel.run("void Promise.reject(new Error('floating'))\n'value'")
  expect(ran.reply).toMatchObject({ status: "error", evalue: "floating" })
})

test("a promise that is rejected after its cell has ended tells that cell", async () => {
  const first = await kernel.run("setTimeout(() => Promise.reject(new Error('too late')), 20)\n0")
  await kernel.run("await new Promise((resolve) => setTimeout(resolve, 150))")
  const late = kernel.outputsOf(first.id).filter(({ type }) => type === "error")
  expect(late.map(({ content }) => content.evalue)).toEqual(["too late"])
})

test("a callback that throws ends the cell that waits for it", async () => {
  const ran = await kernel.run(
    "await new Promise(() => setTimeout(() => { throw new Error('in a timer') }, 10))",
  )
  expect(ran.reply).toMatchObject({ status: "error", evalue: "in a timer" })
})

test("endless recursion is an error, and the next cell runs", async () => {
  expect((await kernel.run("function down(): number { return 1 + down() }\ndown()")).reply.ename).toBe(
    "RangeError",
  )
  expect(resultOf(await kernel.run("1 + 1"))).toBe("2")
})

test.each([
  ["cannot be read", [0, 0, 0, 4, 1, 2, 3, 4]],
  ["never ends", [0, 64, 0, 0]],
])("what a cell writes on the line to the kernel and %s ends the session only", async (_, bytes) => {
  const other = await KernelUnderTest.start()
  await other.run("Buffer.from([0])") // the compiler knows Node's types from now on
  const id = other.submit(`require("fs").writeSync(3, Buffer.from([${bytes}]))`)
  const interrupting = setTimeout(() => void other.ask("interrupt_request", {}, "control"), 1000)
  expect((await other.finished(id)).reply.ename).toBe("SessionEnded")
  clearTimeout(interrupting)
  expect(resultOf(await other.run("1 + 1"))).toBe("2")
  await other.stop()
})

test("process.exit does not end the kernel", async () => {
  expect((await kernel.run("process.exit(3)")).reply.evalue).toContain("restart the kernel")
  expect(resultOf(await kernel.run("2 + 2"))).toBe("4")
})

/** What a cell prints of errors: nothing of it is the kernel's. */
async function stackPrinted(code: string, name = "stdout"): Promise<string> {
  const ran = await kernel.run(code)
  expect(tracebackOf(ran)).toBe("")
  const text = name === "result" ? (resultOf(ran) ?? "") : printed(ran, name)
  expect(text).not.toMatch(/kernel[\\/]dist|ringlab-cell|node:(async_hooks|internal\/(timers|process))/)
  return text.replace(/cell \d+/g, "cell n")
}

describe("a stack that a cell prints has the cell's own lines, and no others:", () => {
  const fails =
    "interface Gone { a: 1 }\nconst fail = (): never => {\n  throw new Error('no', { cause: new TypeError('why') })\n}\n"
  const told = "Error: no\n    at fail, cell n, line 3:9\n    at cell n, line 5:7"

  test("of an error that it has caught", async () => {
    const cause = "TypeError: why\n      at fail, cell n, line 3:34\n      at cell n, line 5:7"
    expect(await stackPrinted(`${fails}try { fail() } catch (e) { console.log(e) }`)).toBe(
      `${told} {\n  [cause]: ${cause}\n}\n`,
    )
    expect(await stackPrinted(`${fails}try { fail() } catch (e) { console.log(e.stack) }`)).toBe(`${told}\n`)
  })
  test("of where it is now", async () => {
    expect(await stackPrinted("\nconst here = () => console.trace('at', 1)\nhere()", "stderr")).toBe(
      "Trace: at 1\n    at here, cell n, line 2:28\n    at cell n, line 3:1\n",
    )
  })
  test("of an error that is its value, or in it", async () => {
    expect(await stackPrinted("\nnew RangeError('far')", "result")).toBe(
      "RangeError: far\n    at cell n, line 2:1",
    )
    expect(await stackPrinted("({ of: [new Error('in')] })", "result")).toContain("    at cell n, line 1:9")
  })
  test("in a timer, after an await, and in evaluated code", async () => {
    const timer =
      "await new Promise<void>((done) => setTimeout(() => { console.log(new Error('late')); done() }, 1))"
    expect(await stackPrinted(timer)).toBe("Error: late\n    at cell n, line 1:66\n")
    const later =
      "async function later() { await null; throw new Error('a') }\ntry { await later() } catch (e) { console.log(e) }"
    expect(await stackPrinted(later)).toBe(
      "Error: a\n    at later, cell n, line 1:44\n    at cell n, line 2:7\n",
    )
    expect(await stackPrinted("console.log(eval('new Error(`e`)'))")).toContain(
      "(cell n, line 1:13), <anonymous>:1:1)",
    )
  })
  test("with those of packages and of Node between them", async () => {
    const read = await stackPrinted(
      "try { require('fs').readFileSync('/none') } catch (e) { console.log(e) }",
    )
    expect(read).toMatch(/readFileSync \(node:fs:\d+:\d+\)\n {4}at cell n, line 1:21 \{/)
    const asm = await stackPrinted(
      'import { asm } from "ringlab"\ntry { asm`mov eax, bl` } catch (e) { console.log(e) }',
    )
    expect(asm).toMatch(/at asm \(\S+index\.js:\d+:\d+\)\n {4}at cell n, line 2:10 \{/)
  })
  test("unless it writes stacks in its own way", async () => {
    const own = "Error.prepareStackTrace = (e, calls) => calls.length > 1\nconsole.log(new Error('x').stack)"
    expect(await stackPrinted(own)).toBe("true\n")
    const again = "Error.prepareStackTrace = undefined\nconsole.log(new Error('y'))"
    expect(await stackPrinted(again)).toBe("Error: y\n    at cell n, line 2:13\n")
  })
})

test("an error that was given another's stack is shown where that one came from", async () => {
  await kernel.run(
    "const first = new Error('first'), second = new Error('second')\nsecond.stack = first.stack",
  )
  expect(tracebackOf(await kernel.run("throw second"))).toContain("> 1 | const first = new Error('first')")
})

test("what a cell reads of a message speaks of its own variables", async () => {
  const code = "let some: any\nconst call = () => some()\ntry { call() } catch (e) { console.log(e.message) }"
  expect(printed(await kernel.run(code))).toBe("some is not a function\n")
})
