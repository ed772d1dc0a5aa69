import { totalmem } from "node:os"
import { limits } from "../../limits"

/** Megabytes of JavaScript heap that a thread may have. */
export const heapLimit = (): number => Number(process.env.RINGLAB_HEAP_MB) || limits.heapMegabytes

/** Bytes that this process may take. A small computer gets a smaller share, so that it stays usable. */
export const processLimit = (): number =>
  Number(process.env.RINGLAB_PROCESS_MB) * 2 ** 20 ||
  Math.min(limits.processMegabytes * 2 ** 20, 0.6 * totalmem())
