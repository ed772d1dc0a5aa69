import { getSystemErrorMap } from "node:util"

/**
 * `process.chdir`. Node refuses it in a thread, since the folder belongs to the whole process. This process has one session
 * only, so the thread asks its keeper, who changes the folder for both, and waits for what comes of it.
 */

/** What a session asks its keeper. */
export interface ChangeFolder {
  readonly kind: "folder"
  readonly path: string
}

/** In the shared word: nothing has come yet, it is done; less than 0 is the system's error. */
const [WAITING, DONE] = [0, 1]

/** Milliseconds: a keeper is never busy for long. */
const PATIENCE = 5000

/** Makes `process.chdir` work in this thread. @param answer the word that it shares with the keeper */
export function installChangeFolder(ask: (question: ChangeFolder) => void, answer: Int32Array): void {
  process.chdir = (path) => {
    if (typeof path !== "string") throw new TypeError("process.chdir() takes the path of a folder, a string.")
    if ("permission" in process) throw new Error("A notebook that is being graded may not change its folder.")
    Atomics.store(answer, 0, WAITING)
    ask({ kind: "folder", path })
    Atomics.wait(answer, 0, WAITING, PATIENCE)
    const result = Atomics.load(answer, 0)
    if (result !== DONE) throw systemError(result, path)
  }
}

/** Changes the folder of this process, and says what came of it. The keeper's side. */
export function changeFolder({ path }: ChangeFolder, answer: Int32Array): void {
  Atomics.store(
    answer,
    0,
    resultOf(() => process.chdir(path)),
  )
  Atomics.notify(answer, 0)
}

function resultOf(change: () => void): number {
  try {
    change()
    return DONE
  } catch (error) {
    return (error as NodeJS.ErrnoException).errno ?? -1
  }
}

/** As Node throws it. */
function systemError(errno: number, path: string): Error {
  const [code, says] = getSystemErrorMap().get(errno) ?? ["EIO", "the kernel does not answer"]
  const message = `${code}: ${says}, chdir '${process.cwd()}' -> '${path}'`
  return Object.assign(new Error(message), { errno, code, syscall: "chdir", path: process.cwd(), dest: path })
}
