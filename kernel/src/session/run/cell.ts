import { limits } from "../limits"
import type { MimeBundle, Text } from "../protocol"

/** Output of a cell that is not shown, or not yet. */
export interface Kept {
  readonly texts: Text[]
  readonly displays: MimeBundle[]
}

/** Thrown into a cell's code by the guards when somebody interrupts it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted"
  readonly #own = true
  constructor() {
    super("The cell was interrupted. Variables keep the values they had.")
  }

  /** Unlike `instanceof`, this asks nothing of a value that a cell has thrown, which may be a proxy. */
  static is(value: unknown): boolean {
    return typeof value === "object" && value !== null && #own in value
  }
}

/** One run of a cell, or one message on a comm: what its outputs are counted against and attributed to. */
export class Cell {
  /** Set when the cell is interrupted; whatever of it still waits then ends at its next `await`. */
  stopped = false
  /** What its code was ended with: thrown once more wherever the code goes on in spite of it. */
  interruption: Interrupted | undefined
  /** Characters that it may still print. */
  textLeft: number = limits.textPerCell
  /** The stream on which it printed last. */
  stream: "stdout" | "stderr" = "stdout"
  /** Where text and displays go while somebody captures them. */
  kept: Kept | undefined
  /** A promise of this cell was rejected and nobody listened. */
  unhandled: { readonly error: unknown } | undefined
  /** Its code runs, or was broken off: then it has left nothing in order. */
  inside = false
  /** The cell's reply has been sent. */
  finished = false
  private readonly began = performance.now()
  private messages = 0
  private bytes = 0
  private stopWaiting: (reason: unknown) => void = () => {}
  /** Rejected when the cell is interrupted or fails in a callback. Never resolved. */
  readonly interrupted = new Promise<never>((_, reject) => {
    this.stopWaiting = reject
  })

  /**
   * @param id the request that it belongs to
   * @param mayAsk the reader may be asked for input
   */
  constructor(
    readonly id: string,
    readonly silent = false,
    readonly mayAsk = false,
  ) {
    this.interrupted.catch(() => {})
  }

  /** Node shows the cell when it shows a promise that belongs to it; see `node/cells/inspect.ts`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "<cell>"
  }

  /** Has it sent more messages than a browser can bear? Then it may send no more. */
  get isFull(): boolean {
    return this.messages === Number.POSITIVE_INFINITY
  }

  /** Counts a message of so many bytes. @returns whether it may be sent */
  admits(size: number): boolean {
    this.bytes += size
    const most = limits.messagesPerCell + (limits.messagesPerSecond * (performance.now() - this.began)) / 1000
    const fits = ++this.messages <= most && this.bytes <= limits.messageBytesPerCell
    if (!fits) this.messages = Number.POSITIVE_INFINITY
    return fits
  }

  interrupt(): void {
    this.stopped = true
    this.stopWaiting(new Interrupted())
  }

  /** A callback of the cell threw: there is nothing to wait for any more. */
  fail(error: unknown): void {
    this.unhandled ??= { error }
    this.stopWaiting(error)
  }
}
