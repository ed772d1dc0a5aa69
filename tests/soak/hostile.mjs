// Every hostile guest under every hypervisor: the tests of tests/hypervisors/safety.
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs")

/** Runs the tests of safety, with no guest left out. */
export async function hostile() {
  const env = { ...process.env, RINGLAB_HOSTILE: "all" }
  const tests = spawn(process.execPath, [vitest, "run", "tests/hypervisors/safety"], {
    env,
    stdio: "inherit",
  })
  const code = await new Promise((resolve) => tests.once("close", resolve))
  const result = code === 0 ? "held" : "see above"
  return [{ what: "every hostile guest under every hypervisor", result, good: code === 0 }]
}
