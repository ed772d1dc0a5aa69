import { afterEach, expect, test } from "vitest"
import { KernelUnderTest, resultOf } from "./client"

/** The programs that cells start live no longer than the session. */
let kernel: KernelUnderTest
afterEach(() => kernel.stop())

const START = `import { spawn } from "node:child_process"
const other = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)"], { stdio: "ignore" })
other.pid`

const windows = process.platform === "win32"

/** A kernel with a program that runs, and the program's number. */
async function started(): Promise<number> {
  kernel = await KernelUnderTest.start()
  const pid = Number(resultOf(await kernel.run(START)))
  expect(lives(pid)).toBe(true)
  return pid
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function ends(pid: number): Promise<void> {
  for (let tries = 0; lives(pid); tries++) {
    if (tries > 200) throw new Error(`Process ${pid} is still there.`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

test("a shutdown ends them", async () => {
  const pid = await started()
  await kernel.ask("shutdown_request", { restart: true }, "control")
  await ends(pid)
})

test.skipIf(windows)("a kernel that is killed takes them along", async () => {
  const pid = await started()
  kernel.process.kill("SIGKILL")
  await ends(pid)
})

test("a session that ends takes them along", async () => {
  const pid = await started()
  await kernel.run("process.kill(process.pid, 'SIGKILL')\nfor (;;);")
  await ends(pid)
})
