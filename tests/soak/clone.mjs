// A fresh clone, in a folder whose name has spaces, for somebody who has used Jupyter before: the commands of README.md.
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs")

/** Runs `fresh-clone.test.ts`. */
export async function clone() {
  const env = { ...process.env, RINGLAB_SOAK: "1" }
  const args = [vitest, "run", "tests/soak/fresh-clone.test.ts"]
  const tests = spawn(process.execPath, args, { env, stdio: "inherit" })
  const code = await new Promise((resolve) => tests.once("close", resolve))
  return [
    {
      what: "a fresh clone starts and tests itself",
      result: code === 0 ? "held" : "see above",
      good: code === 0,
    },
  ]
}
