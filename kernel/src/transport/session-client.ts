import type {
  Answered,
  Asked,
  FromSession,
  InputAnswer,
  InputQuestion,
  Interrupted,
  Ready,
  Reply,
  Request,
} from "../session/protocol"

/** A session as the kernel sees it, wherever it runs: in a process of Node, or in a worker of a browser one day. */
export interface SessionClient {
  /**
   * Asks the session; one request at a time.
   * @throws NoAnswer when there will be none: SessionEnded, if all variables are lost
   */
  request(request: Request): Promise<unknown>
  /** Hands on what the notebook or the reader answered. */
  tell(answered: Answered | InputAnswer): void
  interrupt(): void
  /** Takes all output. */
  onOutput: (output: ForFrontEnd) => void
  /** Called when a session came to an end with all that it held. */
  onEnded: () => void
  /** Hears what a cell asks the reader. */
  onInput: (question: InputQuestion) => void
  /** Hears what a graded cell asks of the notebook. */
  onAsked: (asked: Asked) => void
}

/** What the session sends for the front end. */
export type ForFrontEnd = Exclude<FromSession, Reply | Ready | Interrupted | Asked | InputQuestion>

/** Thrown to whoever asked a session that could not answer. */
export class NoAnswer extends Error {
  override readonly name: string = "KernelError"
}

/** Thrown to whoever waits for a session that came to an end. */
export class SessionEnded extends NoAnswer {
  override readonly name = "SessionEnded"
  constructor(
    readonly why: string,
    consequence = "All variables are lost; run the cells again from the top.",
  ) {
    super(`The session ended because ${why}. ${consequence}`)
  }
}
