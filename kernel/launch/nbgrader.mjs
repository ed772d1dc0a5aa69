// nbgrader in the private environment, for teachers: `npm run nbgrader -- autograde exercise-1`.
import { delimiter, dirname } from "node:path"
import { environmentPython } from "./places.mjs"
import { run } from "./run.mjs"
import { privateVariables } from "./variables.mjs"

/**
 * The environment variables for nbgrader. It starts a program of the environment by its bare name, and warns of its own
 * dealings with its database.
 */
export function nbgraderVariables(state) {
  const variables = privateVariables(state)
  const path = Object.keys(variables).find((name) => name.toUpperCase() === "PATH") ?? "PATH"
  return {
    ...variables,
    [path]: [dirname(environmentPython()), variables[path]].join(delimiter),
    PYTHONWARNINGS: "ignore:Object of type",
  }
}

/**
 * Run nbgrader in the folder from which npm was called.
 * @param {readonly string[]} args nbgrader's own
 * @returns {Promise<number>} its exit code
 */
export function runNbgrader(args) {
  const options = { cwd: process.env.INIT_CWD ?? process.cwd(), env: nbgraderVariables() }
  return run(environmentPython(), ["-m", "nbgrader", ...args], options)
}
