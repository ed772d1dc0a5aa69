import { totalmem } from "node:os"
import { Worker } from "node:worker_threads"
import { limits, OUT_OF_MEMORY } from "../limits"
import type { Ended, FromSession, ToSession } from "../protocol"
import { TextBatches } from "./text-batches"

/** What kind of session a keeper keeps. */
interface Kept {
  /** The worker's script, a full path. */
  readonly script: string
  /** The worker serves one request only, and then makes way for a fresh one. */
  readonly once?: boolean
  /** What the worker gets to see of a message. */
  readonly prepare?: (message: ToSession) => unknown
}

/**
 * The session's process: it starts the session in a worker thread, stays awake while the session computes, and so can
 * interrupt it, end it and start another. It never runs a line of a student's code itself.
 */
class Keeper {
  private readonly flag = new Int32Array(new SharedArrayBuffer(4))
  private worker: Worker | undefined
  private ending = ""
  private grace: NodeJS.Timeout | undefined
  private lastResort: NodeJS.Timeout | undefined
  private started = false
  /** Requests that have no reply yet, by their ids. */
  private readonly open = new Set<string>()
  private readonly watch: NodeJS.Timeout
  private readonly texts = new TextBatches((text) => this.send(text))

  constructor(
    private readonly kept: Kept,
    private readonly send: (message: FromSession | Ended) => void,
  ) {
    this.start()
    this.watch = setInterval(() => this.watchMemory(), 500)
    this.watch.unref()
  }

  receive(message: ToSession): void {
    if (message.kind === "interrupt") this.interrupt()
    else if (message.kind !== "answered") this.open.add(message.id)
    this.worker?.postMessage(this.kept.prepare?.(message) ?? message)
  }

  private start(): void {
    Atomics.store(this.flag, 0, 0)
    const worker = new Worker(this.kept.script, {
      workerData: { flag: this.flag },
      resourceLimits: { maxOldGenerationSizeMb: memoryLimit(), maxYoungGenerationSizeMb: 64, stackSizeMb: 4 },
    })
    worker.on("message", (message: FromSession) => this.forward(message))
    worker.on("error", (error) => this.failed(error))
    worker.on("exit", () => this.ended())
    this.worker = worker
  }

  private forward(message: FromSession): void {
    if (message.kind === "reply") this.open.delete(message.id)
    // A session that has seen the interrupt, and yet answers nothing, is beyond help.
    if ((message.kind === "reply" || message.kind === "interrupted") && this.open.size === 0)
      clearTimeout(this.grace)
    if (message.kind === "ready") this.started = true
    if (message.kind === "text") this.texts.add(message)
    else this.sendAfterText(message)
    if (message.kind === "reply" && this.kept.once) this.renew()
  }

  /** Nothing that a worker did is there for the next. */
  private renew(): void {
    const old = this.worker
    for (const event of ["message", "error", "exit"]) old?.removeAllListeners(event)
    void old?.terminate()
    clearTimeout(this.grace)
    this.start()
  }

  private sendAfterText(message: FromSession | Ended): void {
    this.texts.flush()
    this.send(message)
  }

  private interrupt(): void {
    Atomics.store(this.flag, 0, 1)
    clearTimeout(this.grace)
    this.grace = setTimeout(() => this.giveUp(), limits.interruptGrace)
  }

  private giveUp(): void {
    this.end("it did not stop within 5 seconds of the interrupt")
  }

  /** A thread inside a native call cannot be ended, and neither can its process end itself: the transport does it. */
  private end(why: string): void {
    this.ending ||= why
    void this.worker?.terminate()
    this.lastResort ??= setTimeout(() => this.send({ kind: "ended", why, stuck: true }), 2000)
  }

  private failed(error: Error & { code?: string }): void {
    this.ending ||=
      error.code === "ERR_WORKER_OUT_OF_MEMORY" ? OUT_OF_MEMORY : `of an error: ${error.message}`
  }

  private ended(): void {
    clearTimeout(this.grace)
    clearTimeout(this.lastResort)
    this.lastResort = undefined
    this.sendAfterText({ kind: "ended", why: this.ending || "it ended by itself", stuck: false })
    if (!this.started) process.exit(1)
    this.ending = ""
    this.open.clear()
    this.started = false
    this.start()
  }

  /** Only a new process surely gives memory back: a new thread in this one would soon be judged by what the old one left. */
  private watchMemory(): void {
    if (process.memoryUsage.rss() <= processLimit) return
    clearInterval(this.watch)
    this.sendAfterText({ kind: "ended", why: OUT_OF_MEMORY, stuck: true })
  }
}

/** Bytes. A small computer gets a smaller share, so that it stays usable. */
const processLimit =
  Number(process.env.RINGLAB_PROCESS_MB) * 2 ** 20 ||
  Math.min(limits.processMegabytes * 2 ** 20, 0.6 * totalmem())

function memoryLimit(): number {
  return Number(process.env.RINGLAB_HEAP_MB) || limits.heapMegabytes
}

/** Sends what is said in one turn at once: a result and its reply would else wait for one another. */
function together<T>(send: (messages: readonly T[]) => void): (message: T) => void {
  const waiting: T[] = []
  return (message) => {
    if (waiting.push(message) === 1) setImmediate(() => send(waiting.splice(0)))
  }
}

/** Makes this process keep sessions of a kind for its parent process, as long as that lives. */
export function keep(kept: Kept): void {
  const keeper = new Keeper(
    kept,
    together((messages) => process.send?.(messages)),
  )
  process.on("message", (message: ToSession) => keeper.receive(message))
  // The transport is gone. A worker inside a native call would make `exit` wait.
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"))
  process.on("SIGINT", () => {})
}
