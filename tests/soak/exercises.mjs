// What every exercise owes its students, on many seeds: the tests of tests/exercises.
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs")

/**
 * Runs the tests of the exercises.
 * @param {number} [tries] how many seeds
 */
export async function exercises(tries = 1000) {
  const env = { ...process.env, RINGLAB_SEEDS: String(tries) }
  const tests = spawn(process.execPath, [vitest, "run", "tests/exercises"], { env, stdio: "inherit" })
  const code = await new Promise((resolve) => tests.once("close", resolve))
  const result = code === 0 ? "held" : "see above"
  return [{ what: `the exercises on ${tries} seeds`, result, good: code === 0 }]
}
