/** The page's side of the worker: questions go in, promises come out. */
import type { Answer, Request } from "ringlab"

/** What a `Player` needs of a worker; tests put something simpler in its place. */
export interface WorkerLike {
  postMessage(request: Request): void
  onmessage: ((event: { data: Answer }) => void) | null
  onerror: ((event: { message?: string }) => void) | null
  terminate(): void
}

/** A request before it has its number. */
type Ask = Request extends infer One ? (One extends Request ? Omit<One, "id"> : never) : never

/** What could not be done; its message is a sentence for the reader. */
export class Sorry extends Error {}

/** The worker ended before it was done: it, or another one's work in it, was too much. The next question starts another. */
export class Crashed extends Sorry {}

/** What was cancelled before it was done. */
export class Cancelled extends Error {}

interface Waiting {
  readonly answer: (answer: Answer) => void
  readonly fail: (sorry: Sorry) => void
  readonly progress?: (done: number, of: number) => void
}

/** Ten times as long as the longest that a worker was seen to be busy without a rest. */
const PATIENCE = 10_000

/** Asks a worker, which is started when it is first needed and again after a crash. */
export class Player {
  /** @param patience milliseconds that a worker may take to say that it has cancelled something */
  constructor(
    private readonly start: () => WorkerLike,
    private readonly patience = PATIENCE,
  ) {}

  /** Grows by one when a worker crashed: recordings opened before are gone and have to be opened again. */
  generation = 0

  /**
   * Ask, and wait for the answer of the kind named.
   * @param progress hears how far a long replay, search or experiment is
   * @param signal cancels an experiment or a replay. What is done by then is answered as ever: there is an answer to each question, so that
   *   no more than one need be under way
   * @throws Sorry if the worker says so or crashes; Cancelled
   */
  async ask<Is extends Answer["is"]>(
    request: Ask,
    is: Is,
    progress?: Waiting["progress"],
    signal?: AbortSignal,
  ): Promise<Extract<Answer, { is: Is }>> {
    const answer = await this.send(request, progress, signal)
    if (answer.is === "cancelled") throw new Cancelled("This was cancelled.")
    if (answer.is === "sorry") throw new Sorry(answer.sentence)
    if (answer.is !== is) throw new Sorry(`The worker answered “${answer.is}” where “${is}” was expected.`)
    return answer as Extract<Answer, { is: Is }>
  }

  /** Start the worker if there is none, so that the first question need not wait for it. */
  warm(): void {
    this.worker ??= this.startWorker()
  }

  /** End the worker; what is waited for fails. */
  dispose(): void {
    if (this.worker) this.crash("it was ended")
  }

  /** A number for a recording that is about to be opened. */
  newRecording(): number {
    return ++this.recordings
  }

  private send(request: Ask, progress?: Waiting["progress"], signal?: AbortSignal): Promise<Answer> {
    const id = ++this.ids
    if (signal?.aborted) return Promise.resolve({ id, is: "cancelled" })
    const cancel = () => this.cancel(id)
    signal?.addEventListener("abort", cancel)
    const answered = new Promise<Answer>((answer, fail) => {
      this.waiting.set(id, { answer, fail, progress })
      this.warm()
      this.worker?.postMessage({ ...request, id } as Request)
    })
    return answered.finally(() => signal?.removeEventListener("abort", cancel))
  }

  /** A worker that does not even say that it has cancelled is caught in a single step, and is ended for the sake of the others. */
  private cancel(id: number): void {
    if (!this.waiting.has(id)) return
    this.worker?.postMessage({ id, do: "cancel" })
    setTimeout(() => this.waiting.has(id) && this.crash("it did not answer"), this.patience)
  }

  private startWorker(): WorkerLike {
    const worker = this.start()
    worker.onmessage = ({ data }) => this.hear(data)
    worker.onerror = (event) => this.crash(event.message)
    return worker
  }

  private hear(answer: Answer): void {
    const waiting = this.waiting.get(answer.id)
    if (!waiting) return
    if (answer.is === "progress") {
      waiting.progress?.(answer.done, answer.of)
      return
    }
    this.waiting.delete(answer.id)
    waiting.answer(answer)
  }

  private crash(message = "no reason given"): void {
    this.worker?.terminate()
    this.worker = null
    this.generation++
    const sorry = new Crashed(
      `The simulation stopped unexpectedly (${message}). Move the step to start it again.`,
    )
    for (const { fail } of this.waiting.values()) fail(sorry)
    this.waiting.clear()
  }

  private worker: WorkerLike | null = null
  private readonly waiting = new Map<number, Waiting>()
  private ids = 0
  private recordings = 0
}
