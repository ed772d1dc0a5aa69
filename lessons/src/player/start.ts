/** Where the worker's file is: beside this one, wherever the extension is served from. */
import type { WorkerLike } from "./player"

/** Start a worker with a machine in it. */
export function startWorker(): WorkerLike {
  return new Worker(new URL("./worker.js", import.meta.url)) as unknown as WorkerLike
}
