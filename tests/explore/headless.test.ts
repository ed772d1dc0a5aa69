import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { environmentPython, project } from "../../kernel/launch/places.mjs"
import { privateVariables } from "../../kernel/launch/variables.mjs"
import { folderWithTslab } from "../stock-tslab"

interface Output {
  readonly output_type: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly text?: readonly string[]
}

/** A value as text: our kernel shows a result, stock tslab prints it. */
const textOf = ({ data, text }: Output) => [data?.["text/plain"] ?? text].flat().join("")

const EXPLORATION = `explore({ a: range(2, 9), how: choice("sum", "list") }, async ({ a, how }) =>
  how === "sum" ? chart({ data: [{ type: "bar", y: [a, a * a] }] }) : [{ a }])`

/** A folder for all that Jupyter writes, with a description of stock tslab as a kernel in it. */
let state: string
beforeAll(() => {
  state = folderWithTslab("ringlab-headless-")
  // Stock tslab looks for packages beside the notebook only.
  symlinkSync(join(project, "node_modules"), join(state, "node_modules"), "junction")
})
afterAll(() => rmSync(state, { recursive: true, force: true }))

test("a run without a browser shows the first result, and does not wait for anybody", async () => {
  const cells = ['import { chart, choice, explore, range } from "ringlab"', EXPLORATION]
  const [output] = await execute(cells, "ringlab")
  expect(output.output_type).toBe("execute_result")
  expect(output.data?.["text/plain"]).toEqual(["Chart\n", "bar: 2, 4"])
  expect(String(output.data?.["image/svg+xml"])).toContain("<svg")
  expect(output.data).toHaveProperty(["application/vnd.ringlab.explore.v1+json", "values"], {
    a: 2,
    how: "sum",
  })
})

test("stock tslab shows the first result, without controls that could not work there", async () => {
  const cells = [
    'import * as tslab from "tslab"\nimport { chart, choice, explore, range, show } from "ringlab"',
    `await show(${EXPLORATION}, tslab.display)`,
  ]
  const outputs = await execute(cells, "tslab")
  const types = outputs.flatMap(({ data }) => Object.keys(data ?? {}))
  expect(types).toEqual(["application/vnd.plotly.v1+json", "image/svg+xml", "text/plain"])
})

const ASKING = [
  'import { asm, pc, record } from "ringlab"\nconst program = asm`main: mov eax, -2\n  inc dword [ticks]\n  cli\n  hlt\nticks: dd 41`',
  "const run = record(program)\nconst machine = pc().load(program)\nmachine.run()",
  'const before = run.at(1)\n;[before.eax, before.flags.ZF, run.at(4).memory("ticks"), machine.eax, machine.cs, before.instruction].join()',
]

test.each(["ringlab", "tslab"])("%s answers for registers, flags and memory by name", async (kernel) => {
  const [output] = await execute(ASKING, kernel)
  expect(textOf(output)).toContain("4294967294,0,42,4294967294,8,mov eax, -2")
})

test.each(["ringlab", "tslab"])("%s prints a moment of a recording as its card", async (kernel) => {
  const [output] = await execute([...ASKING, "run.at(1)"], kernel)
  const text = textOf(output)
  expect(text).toMatch(/^Step 1 of 4, ring 0: mov eax, -2\n/)
  expect(text).toContain("EAX  FFFFFFFEh")
})

/** Run cells as `jupyter nbconvert --execute` does, and give the outputs of the last one. */
async function execute(sources: readonly string[], kernel: string): Promise<readonly Output[]> {
  const cells = sources.map((source, i) => {
    return { cell_type: "code", id: `cell-${i}`, execution_count: null, metadata: {}, source, outputs: [] }
  })
  const file = join(state, `${kernel}.ipynb`)
  writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }))
  await run("--to", "notebook", "--execute", "--inplace", `--ExecutePreprocessor.kernel_name=${kernel}`, file)
  return JSON.parse(readFileSync(file, "utf8")).cells.at(-1).outputs
}

async function run(...args: readonly string[]): Promise<void> {
  const child = spawn(environmentPython(), ["-m", "nbconvert", ...args], { env: privateVariables(state) })
  let output = ""
  child.stderr.on("data", (data) => (output += data))
  const [code] = await once(child, "close")
  if (code !== 0) throw new Error(`nbconvert ended with code ${code}:\n${output}`)
}
