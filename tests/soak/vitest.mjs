// Runs tests of `npm test` with other settings, for soaks.
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs")

/**
 * Run tests, and tell in a row of a soak's table how they ended.
 * @param {string} what the row says
 * @param {string} tests a file or folder of them
 * @param {Record<string, string>} variables of the environment
 */
export async function runTests(what, tests, variables) {
  const env = { ...process.env, ...variables }
  const run = spawn(process.execPath, [vitest, "run", tests], { env, stdio: "inherit" })
  const code = await new Promise((resolve) => run.once("close", resolve))
  return [{ what, result: code === 0 ? "held" : "see above", good: code === 0 }]
}
