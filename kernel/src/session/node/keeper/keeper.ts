import { Worker } from "node:worker_threads"
import { limits, OUT_OF_MEMORY } from "../../limits"
import { type CodeRequest, isCodeRequest, prepare, propertiesWanted, type ToWorker } from "../../prepared"
import type { AnswerRequest, Ended, ExecuteRequest, FromSession, Request, ToSession } from "../../protocol"
import { type ChangeFolder, changeFolder } from "../asking/folder"
import { answerInput, interruptInput, newInputLine } from "../asking/input"
import type { SessionStart } from "../cells/start"
import { Compiler } from "../compiler/compiler"
import { gradedCode } from "../compiler/graded-code"
import { breakOff } from "../process/break-off"
import { forgetFrugality } from "../process/frugal"
import { heapLimit, processLimit } from "../process/memory"
import { endWithPrograms, interruptPrograms } from "../process/programs"
import { threadOptions } from "../process/thread-options"
import { TextBatches } from "./text-batches"

/** What kind of session a keeper keeps. */
interface Kept {
  /** The worker's script, a full path. */
  readonly script: string
  /** Where the notebook lies. */
  readonly folder: string
  /** Each cell gets a worker of its own, and leaves no names to the next. */
  readonly graded: boolean
}

/**
 * The session's process: it has the session in one worker thread and the compiler in another, stays awake while they compute,
 * and so can interrupt them, end them and start others. It never runs a line of a student's code itself.
 */
class Keeper {
  private readonly flag = new Int32Array(new SharedArrayBuffer(4))
  private readonly compiler: Compiler
  private readonly line = newInputLine()
  private readonly moved = new Int32Array(new SharedArrayBuffer(4))
  private readonly home = process.cwd()
  private worker: Worker | undefined
  private ending = ""
  /** What is still to come of an interrupt, each after its time. */
  private readonly measures: NodeJS.Timeout[] = []
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
    this.compiler = new Compiler(kept.folder, () => this.rest())
    this.compiler.start()
    this.start()
    this.watch = setInterval(() => this.watchMemory(), 500)
    this.watch.unref()
  }

  receive(message: ToSession): void {
    if (message.kind === "interrupt") this.interrupt()
    else if (message.kind === "answered") this.post(message)
    else if (message.kind === "input-answer") answerInput(this.line, message.text)
    else this.serve(message)
  }

  private post(message: ToWorker): void {
    this.worker?.postMessage(message)
  }

  /** No interrupt may overtake a request: none waits here but for the compiler, which can be interrupted, too. */
  private serve(request: Request): void {
    this.open.add(request.id)
    if (isCodeRequest(request)) void this.reply(request)
    else if (request.kind === "comm") this.post(request)
    else void this.prepare(request)
  }

  /** A session that has ended meanwhile has answered already: by its end. */
  private async prepare(request: ExecuteRequest | AnswerRequest): Promise<void> {
    const { worker } = this
    const { graded } = this.kept
    const convert = (code: string, keep: boolean) =>
      graded ? this.compiler.convert(gradedCode(code), false) : this.compiler.convert(code, keep)
    const prepared = await prepare(request, convert)
    if (worker === this.worker) this.post(prepared)
  }

  private async reply(request: CodeRequest): Promise<void> {
    const { id } = request
    try {
      const content = await this.compiler.ask(request)
      const wanted = propertiesWanted(request, content)
      if (wanted) this.post(wanted)
      else this.forward({ kind: "reply", id, content })
    } catch (error) {
      this.forward({ kind: "reply", id, content: null, problem: (error as Error).message })
    }
  }

  private start(): void {
    Atomics.store(this.flag, 0, 0)
    changeFolder({ kind: "folder", path: this.home }, this.moved)
    const { flag, moved, line } = this
    const { script, folder } = this.kept
    const worker = new Worker(script, {
      ...threadOptions,
      workerData: { folder, flag, moved, line } satisfies SessionStart,
      resourceLimits: { maxOldGenerationSizeMb: heapLimit(), maxYoungGenerationSizeMb: 64, stackSizeMb: 4 },
    })
    worker.on("message", (message: FromSession | ChangeFolder) => this.hear(message))
    worker.on("error", (error) => this.failed(error))
    worker.on("exit", () => this.ended())
    this.worker = worker
  }

  private hear(message: FromSession | ChangeFolder): void {
    if (message.kind === "folder") changeFolder(message, this.moved)
    else this.forward(message)
  }

  private forward(message: FromSession): void {
    if (message.kind === "reply") this.open.delete(message.id)
    // A session that has seen the interrupt, and yet answers nothing, is beyond help.
    if ((message.kind === "reply" || message.kind === "interrupted") && this.open.size === 0) this.calmDown()
    if (message.kind === "ready") this.started = true
    if (message.kind === "text") this.texts.add(message)
    else this.sendAfterText(message)
    if (message.kind === "reply" && this.kept.graded) this.renew()
  }

  /** Nothing that a worker did is there for the next. */
  private renew(): void {
    const old = this.worker
    for (const event of ["message", "error", "exit"]) old?.removeAllListeners(event)
    void old?.terminate()
    this.calmDown()
    this.start()
  }

  private sendAfterText(message: FromSession | Ended): void {
    this.texts.flush()
    this.send(message)
  }

  /** Guarded code sees the flag; what waits, the message. The rest is ended by harder means, one after the other. */
  private interrupt(): void {
    Atomics.store(this.flag, 0, 1)
    this.post({ kind: "interrupt" })
    this.compiler.interrupt()
    interruptPrograms()
    interruptInput(this.line)
    this.calmDown()
    const { breakOff: soon, interruptWarning, interruptGrace } = limits
    this.measures.push(
      setTimeout(() => this.breakOff(), soon),
      setTimeout(() => this.warn(), interruptWarning),
      setTimeout(() => this.end("it did not stop within 5 seconds of the interrupt"), interruptGrace),
    )
  }

  /** A cell that runs is not idle, whatever the compiler is. */
  private rest(): void {
    if (this.open.size === 0 && !this.kept.graded) this.post({ kind: "rest" })
  }

  private breakOff(): void {
    interruptPrograms() // the cell may have been about to start one
    const { worker } = this
    breakOff(this.kept.script, () => worker?.postMessage({ kind: "broken-off" } satisfies ToWorker))
  }

  private calmDown(): void {
    for (const measure of this.measures.splice(0)) clearTimeout(measure)
  }

  /** Variables are not lost without a word. */
  private warn(): void {
    for (const parent of this.open) this.texts.add({ kind: "text", parent, name: "stderr", text: WARNING })
    this.texts.flush()
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
    this.calmDown()
    clearTimeout(this.lastResort)
    this.lastResort = undefined
    this.compiler.forget()
    this.sendAfterText({ kind: "ended", why: this.ending || "it ended by itself", stuck: false })
    if (!this.started) process.exit(1)
    this.ending = ""
    this.open.clear()
    this.started = false
    this.start()
  }

  /** Only a new process surely gives memory back: a new thread in this one would soon be judged by what the old one left. */
  private watchMemory(): void {
    if (process.memoryUsage.rss() <= limit) return
    clearInterval(this.watch)
    this.sendAfterText({ kind: "ended", why: OUT_OF_MEMORY, stuck: true })
  }
}

const limit = processLimit()

const WARNING =
  "(this code does not hear the interrupt: in two seconds the session is ended, and all variables are lost)\n"

/** Sends what is said in one turn at once: a result and its reply would else wait for one another. */
function together<T>(send: (messages: readonly T[]) => void): (message: T) => void {
  const waiting: T[] = []
  return (message) => {
    if (waiting.push(message) === 1) setImmediate(() => send(waiting.splice(0)))
  }
}

/** Makes this process keep sessions of a kind for its parent process, as long as that lives. */
export function keep(kept: Kept): void {
  forgetFrugality()
  const keeper = new Keeper(
    { ...kept, folder: kept.folder.replaceAll("\\", "/") },
    together((messages) => process.send?.(messages)),
  )
  process.on("message", (message: ToSession) => keeper.receive(message))
  // The transport is gone. A worker inside a native call would make `exit` wait.
  process.on("disconnect", endWithPrograms)
  process.on("SIGINT", () => {})
}
