import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { KernelUnderTest, printed } from "../kernel/client"
import { CURRENT_NODE, nodeProgram } from "../node-versions"
import { AttackedKernel } from "./attacked"
import { ATTACKS } from "./attacks"

// Under this Node only; `npm run soak -- attacks` tries every version under which the kernel grades.
let attacked: AttackedKernel
beforeAll(async () => {
  attacked = await AttackedKernel.start()
})
afterAll(() => attacked.stop())

describe("a cell that is graded cannot reach", () => {
  test.each(Object.keys(ATTACKS))("%s", async (name) => {
    expect((await attacked.attempt(name)).through).toBeUndefined()
  })
})

/** What the teacher's guide promises, each with what it prints. */
const PROMISED: Readonly<Record<string, readonly [code: string, prints: string]>> = {
  "read a file beside the notebook": [
    `import { readFileSync } from "node:fs"\nconsole.log(readFileSync("data.txt", "utf8"), readFileSync("data.txt").length)`,
    "data for everybody 18\n",
  ],
  "read one by its URL, and look whether it is there": [
    `import fs from "node:fs"\nconsole.log(fs.readFileSync(new URL("data.txt", import.meta.url), "utf8"), fs.existsSync("data.txt"))`,
    "data for everybody true\n",
  ],
  "read one as a promise": [
    `import { readFile } from "node:fs/promises"\nconsole.log(await readFile("data.txt", "utf8"))`,
    "data for everybody\n",
  ],
  "read what is in a folder": [
    `import * as files from "node:fs"\nconsole.log(files.readdirSync("more"), files.readFileSync("more/data.txt", "utf8"))`,
    "[ 'data.txt' ] more data\n",
  ],
  "find no file that is hidden": [
    `import { existsSync } from "node:fs"\nconsole.log(existsSync("hidden.ipynb"), existsSync("/etc"))`,
    "false false\n",
  ],
  "import a file beside the notebook": [`import { one } from "./helper"\nconsole.log(one)`, "1\n"],
  "use what computes only": [
    `import assert from "node:assert"
import { createHash } from "node:crypto"
import { EventEmitter } from "node:events"
import { join } from "node:path"
import { inspect } from "node:util"
assert.deepEqual([1], [1])
new EventEmitter().on("x", (x) => console.log(join("a", "b"), x, inspect({ x }))).emit("x", createHash("md5").update("").digest("hex").slice(0, 4))`,
    "a/b d41d { x: 'd41d' }\n",
  ],
}

describe("a cell that is graded can still", () => {
  test.each(Object.keys(PROMISED))("%s", async (what) => {
    const [code, prints] = PROMISED[what]
    const ran = await attacked.kernel.run(code)
    expect([ran.reply.evalue, printed(ran)]).toEqual([undefined, prints])
  })
})

describe(`under Node.js ${CURRENT_NODE}`, () => {
  let kernel: KernelUnderTest
  beforeAll(async () => {
    kernel = await KernelUnderTest.start({}, {}, ["--grading"], undefined, await nodeProgram(CURRENT_NODE))
  })
  afterAll(() => kernel.stop())

  test("the first import of a notebook gives what the next one does", async () => {
    const once = 'import { asm } from "ringlab"\nconsole.log(asm`hlt`.bytes.length)'
    const rans = [await kernel.run(once), await kernel.run(once)]
    expect(rans.map(({ reply }) => reply.evalue)).toEqual([undefined, undefined])
    expect(rans.map((ran) => printed(ran))).toEqual(["1\n", "1\n"])
  })
})

test("what is refused is named", async () => {
  const { reply } = await attacked.kernel.run(`import { createServer } from "node:net"\ncreateServer()`)
  expect(reply.evalue).toBe("A notebook that is being graded may not use createServer of net.")
})
