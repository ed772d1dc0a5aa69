import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping"
import { expect, test } from "vitest"
import { rewriteCell } from "../../kernel/src/session/convert/rewrite"

const rewrite = (module: string, known: string[] = []) => rewriteCell(module, new Set(known), false)

/** The rewritten body alone, on one line. */
function bodyOf(module: string, known: string[] = []): string {
  const { code } = rewrite(module, known)
  const body = code.slice(code.indexOf("try {") + 5, code.lastIndexOf("} finally"))
  return body.replace(/\s+/g, " ").trim()
}

const GUARD = "if (cell$flag[0] !== 0) cell$stop();"

test("a variable that no function captures stays a local variable while the cell runs", () => {
  const module = "let total = 0;\nfor (let i = 0; i < 9; i++) { total += i; }\nexport { total };"
  expect(bodyOf(module)).toBe(`total = 0; for (let i = 0; i < 9; i++) {${` ${GUARD}`} total += i; }`)
  expect(rewrite(module).code).toMatch(/finally \{ box\$total\.value = total; \}/)
})

test("var without a value takes none away, and let begins without one", () => {
  expect(bodyOf("x = 1;\nvar x;\nlet y;\nexport { x, y };")).toBe("x = 1; x; y = void 0;")
})

test("a variable that a function captures lives in its box", () => {
  const body = bodyOf("let n = 0;\nconst up = () => { n++; };\nexport { n, up };")
  expect(body).toContain("box$n.value = 0;")
  expect(body).toContain("box$n.value++")
})

test("every variable of a cell that awaits lives in its box, so that an interrupt loses nothing", () => {
  const { code, awaits } = rewrite("let a = 1;\nawait a;\nexport { a };")
  expect(awaits).toBe(true)
  expect(code).toContain("box$a.value = 1;")
  expect(code).toContain("cell$resume(await box$a.value)")
})

test("a name is the notebook's only where nothing nearer has it", () => {
  expect(bodyOf("{ let x = 1; x; }\n((x) => x)(x);", ["x"])).toBe(
    "{ let x = 1; x; } ((x) => (cell$flag[0] !== 0 && cell$stop(), x))(box$x.value);",
  )
})

test("a call of the notebook's function gets no object as this", () => {
  expect(bodyOf("f(1); f`t`; new f(); f?.();", ["f"])).toBe(
    "(0, box$f.value)(1); (0, box$f.value)`t`; new box$f.value(); (0, box$f.value)?.();",
  )
})

test("shorthand properties and patterns say the name and the box", () => {
  expect(bodyOf("({ x, y = 2 } = { x });", ["x", "y"])).toBe(
    "({ x: box$x.value, y: box$y.value = 2 } = { x: box$x.value });",
  )
})

test("every kind of loop and function looks at the flag", () => {
  const loops = ["for (;;);", "while (1);", "do ; while (1);", "for (const k in {});", "for (const v of []);"]
  for (const loop of loops) expect(bodyOf(loop)).toContain(GUARD)
  const functions = [
    "(function () {});",
    "(async () => {});",
    "({ m() {} });",
    "(class { m() {} });",
    "(function* () {});",
  ]
  for (const code of functions) expect(bodyOf(code)).toContain(GUARD)
})

test("imports are told, not kept", () => {
  const { imports, code } = rewrite(
    'import d, { a as b } from "m";\nimport * as n from "o";\nb(d, n);\nexport { b, d, n };',
  )
  expect(imports).toEqual([
    {
      from: "m",
      names: [
        { exported: "default", local: "d" },
        { exported: "a", local: "b" },
      ],
    },
    { from: "o", names: [{ exported: "*", local: "n" }] },
  ])
  expect(code).not.toContain("from")
})

test("the map leads from the rewritten code back to the compiler's", () => {
  const { code, map } = rewrite("const a = 1;\nconst f = () => a.b.c;\nexport { a, f };")
  const lines = code.split("\n")
  const line = lines.findIndex((text) => text.includes(".b.c"))
  const column = lines[line].indexOf(".c")
  expect(originalPositionFor(new TraceMap(map), { line: line + 1, column })).toMatchObject({
    line: 2,
    column: 19,
  })
})
