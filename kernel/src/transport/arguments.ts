import { parseArgs } from "node:util"

/** What the kernel's command line says. */
interface Arguments {
  /** The connection file's path. */
  readonly connection: string | undefined
  readonly grading: boolean
}

/**
 * Reads the kernel's command line. What it does not know it lets pass: front ends hand on what they were given themselves, as
 * `jupyter run FILE` does with the file's name. `-f FILE` is how other kernels are told of the connection.
 */
export function argumentsOf(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      connection: { type: "string" },
      f: { type: "string", short: "f" },
      grading: { type: "boolean", default: false },
    },
    strict: false,
  })
  const connection = [values.connection, values.f].find((path) => typeof path === "string")
  return { connection: connection as string | undefined, grading: values.grading === true }
}
