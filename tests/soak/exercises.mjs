// What every exercise owes its students, on many seeds: the tests of tests/exercises.
import { runTests } from "./vitest.mjs"

/**
 * Runs the tests of the exercises.
 * @param {number} [tries] how many seeds
 */
export const exercises = (tries = 1000) =>
  runTests(`the exercises on ${tries} seeds`, "tests/exercises", { RINGLAB_SEEDS: String(tries) })
