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

/** A disk that is full, or a person's share of it. */
const FULL = new Set(["ENOSPC", "EDQUOT"])
const CANNOT_WRITE = new Set(["EACCES", "EPERM", "EROFS", "EEXIST", "ENOTDIR", "EISDIR", ...FULL])

/** Does an error's code, such as EACCES, say that a file or folder cannot be written? */
export const refusesWriting = (code) => CANNOT_WRITE.has(code)

/** What to say of a path that cannot be written. */
export function cannotWrite(path, code, details = "") {
  const todo = FULL.has(code)
    ? "so make room on its disk and run the command again."
    : "so free that path or clone the project to a folder that you can write."
  return new Trouble(
    `Cannot write ${path} (${code}): ringlab keeps all its files in the project folder, ${todo}`,
    details,
  )
}

/** Turn a file system's refusal into a sentence; any other error is returned as it is. */
export function explain(error) {
  if (error instanceof Trouble || !refusesWriting(error?.code)) return error
  return cannotWrite(error.path, error.code)
}

/** Print what went wrong on stderr: a Trouble as its sentence, anything else with its stack, as it is our mistake. */
export function report(error) {
  const explained = explain(error)
  if (!(explained instanceof Trouble)) return console.error(explained)
  if (explained.details) console.error(`\n${explained.details}\n`)
  console.error(explained.message)
}
