// What a person is told when something goes wrong.

/** A mistake that a person can mend: `message` is one sentence that says what, where, and what to do. */
export class Trouble extends Error {
  /** @param {string} message one sentence
   *  @param {string} [details] the end of a program's own output, shown before the sentence */
  constructor(message, details = "") {
    super(message)
    this.details = details
  }
}

const CANNOT_WRITE = new Set(["EACCES", "EPERM", "EROFS", "EEXIST", "ENOTDIR", "EISDIR", "ENOSPC", "EDQUOT"])

/** Turn a file system's refusal into a sentence; any other error is returned as it is. */
export function explain(error) {
  if (error instanceof Trouble || !CANNOT_WRITE.has(error?.code)) return error
  return new Trouble(
    `Cannot write ${error.path} (${error.code}): ringlab keeps all its files in the project folder, ` +
      "so free that path or clone the project to a folder that you can write.",
  )
}

/** Print what went wrong on stderr: a Trouble as its sentence, anything else with its stack, as it is our mistake. */
export function report(error) {
  const explained = explain(error)
  if (!(explained instanceof Trouble)) return console.error(explained)
  if (explained.details) console.error(`\n${explained.details}\n`)
  console.error(explained.message)
}
