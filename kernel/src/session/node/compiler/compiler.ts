import { Worker } from "node:worker_threads"
import type { Knowledge } from "../../convert/converter"
import { limits } from "../../limits"
import type { Prepared, Question } from "../../prepared"
import { heapLimit } from "../process/memory"
import { threadOptions } from "../process/thread-options"

/** What the compiler's thread is started with. */
export interface CompilerStart {
  /** Where the notebook lies. */
  readonly folder: string
  readonly knowledge: Knowledge | undefined
}

/** The answer to a question, and what is known of the notebook after it. */
export type FromCompiler = { readonly knowledge: Knowledge } & (
  | { readonly content: unknown }
  | { readonly problem: string }
)

interface Waiting {
  readonly resolve: (content: unknown) => void
  readonly reject: (error: Error) => void
}

/** Thrown to whoever asked a compiler that was interrupted. */
class CompilerInterrupted extends Error {}

/**
 * The compiler, in a thread of its own: started when it is asked, let go when nobody has asked for a while, and replaced when
 * an interrupt finds it busy. What it knew of the notebook is kept here.
 */
export class Compiler {
  private thread: Worker | undefined
  private knowledge: Knowledge | undefined
  private waiting: Waiting | undefined
  private interrupted = false
  private patience: NodeJS.Timeout | undefined
  private idle: NodeJS.Timeout | undefined

  /**
   * @param folder where the notebook lies
   * @param onRest is called when nobody has asked for a while
   */
  constructor(
    private readonly folder: string,
    private readonly onRest: () => void,
  ) {}

  /** Makes the compiler ready, so that the first question need not wait for it. */
  start(): void {
    this.thread ??= this.started()
    this.rest()
  }

  /** Converts code. Never rejected. */
  async convert(code: string, keep: boolean): Promise<Prepared> {
    try {
      const conversion = (await this.ask({ kind: "convert", code, keep })) as Prepared
      return this.interrupted ? { interrupted: true } : conversion
    } catch (error) {
      return error instanceof CompilerInterrupted
        ? { interrupted: true }
        : { failed: (error as Error).message }
    }
  }

  /** Asks; one question at a time. @throws an error, if there is no answer */
  ask(question: Question): Promise<unknown> {
    this.interrupted = false
    clearTimeout(this.idle)
    this.thread ??= this.started()
    this.thread.postMessage(question)
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject }
    })
  }

  /** Ends what the compiler does, soon. */
  interrupt(): void {
    if (!this.waiting) return
    this.interrupted = true
    this.patience ??= setTimeout(() => this.giveUp(new CompilerInterrupted("It was interrupted.")), PATIENCE)
  }

  /**
   * The session is gone, and with it all that its cells had declared, and whoever waits. What a compiler is still at must not be taken
   * for an answer to the next question, nor for what is known then.
   */
  forget(): void {
    this.knowledge = undefined
    if (this.waiting) {
      this.giveUp(new CompilerInterrupted("The session has ended."))
      this.start()
    } else this.thread?.postMessage({ kind: "forget" })
  }

  private started(): Worker {
    const start: CompilerStart = { folder: this.folder, knowledge: this.knowledge }
    const thread = new Worker(require.resolve("./compiler-worker"), {
      ...threadOptions,
      workerData: start,
      resourceLimits: { maxOldGenerationSizeMb: heapLimit() },
    })
    thread.on("message", (answer: FromCompiler) => this.answered(answer))
    thread.on("error", (error) => thread === this.thread && this.giveUp(error))
    return thread
  }

  private answered(answer: FromCompiler): void {
    const { waiting } = this
    this.knowledge = answer.knowledge
    this.settled()
    this.rest()
    if ("content" in answer) waiting?.resolve(answer.content)
    else waiting?.reject(new Error(answer.problem))
  }

  private settled(): void {
    clearTimeout(this.patience)
    this.patience = undefined
    this.waiting = undefined
  }

  private giveUp(why: Error): void {
    const { waiting } = this
    this.letGo()
    this.settled()
    waiting?.reject(why)
  }

  /** An idle compiler holds more memory than all that most notebooks compute. */
  private rest(): void {
    clearTimeout(this.idle)
    this.idle = setTimeout(() => this.goToRest(), idleTime()).unref()
  }

  private goToRest(): void {
    this.letGo()
    this.onRest()
  }

  private letGo(): void {
    const { thread } = this
    this.thread = undefined
    thread?.removeAllListeners("message")
    void thread?.terminate()
  }
}

/** Milliseconds until a compiler that was interrupted is no longer waited for. */
const PATIENCE = 300

const idleTime = (): number => Number(process.env.RINGLAB_COMPILER_IDLE_MS) || limits.compilerIdle
