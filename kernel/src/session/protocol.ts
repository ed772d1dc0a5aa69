/**
 * What the transport and the session say to each other. Plain data that survives a structured clone, so that the two
 * halves can be two processes, a page and a worker, or two objects in a test.
 */

/** Several forms of one thing to show, by MIME type. */
export type MimeBundle = Record<string, unknown>

/** The five ways a cell's code can reach the front end, named as the Jupyter protocol names its messages. */
export type OutputType =
  | "stream"
  | "display_data"
  | "update_display_data"
  | "execute_result"
  | "error"
  | "clear_output"
  | "comm_open"
  | "comm_msg"
  | "comm_close"

/** Run a cell. `id` is the request's own, and outputs name it as their parent. */
export interface ExecuteRequest {
  readonly kind: "execute"
  readonly id: string
  readonly code: string
  /** The number in the cell's brackets. */
  readonly count: number
  /** A silent cell shows no result and no error. */
  readonly silent: boolean
  /** Whoever asks for the cell answers its questions for input. */
  readonly mayAsk: boolean
  /** Expressions to evaluate after a cell that went well, by the caller's own names. */
  readonly expressions: Readonly<Record<string, string>>
}

/** A cell wants the reader to write a line. The session sleeps until it is there, or until an interrupt. */
export interface InputQuestion {
  readonly kind: "input"
  /** The cell's request. */
  readonly parent: string
  readonly prompt: string
}

/** The line that the reader wrote, without its end. Not a request: the session waits for it. */
export interface InputAnswer {
  readonly kind: "input-answer"
  readonly text: string
}

/** Ask about code at a place. `cursor` counts UTF-16 units, as JavaScript strings do. */
export interface PlaceRequest {
  readonly kind: "complete" | "inspect"
  readonly id: string
  readonly code: string
  readonly cursor: number
}

/** Is this code whole, or would a reader go on typing? */
interface WholeRequest {
  readonly kind: "is-complete"
  readonly id: string
  readonly code: string
}

/** Something that the front end says on a comm. */
export interface CommRequest {
  readonly kind: "comm"
  readonly id: string
  readonly event: "open" | "message" | "close"
  readonly comm: string
  readonly target: string
  readonly data: unknown
  readonly metadata: unknown
  readonly buffers: readonly Uint8Array[]
}

/** Give the value of an expression away as plain data: a graded cell asks for it. */
export interface AnswerRequest {
  readonly kind: "answer"
  readonly id: string
  readonly expression: string
}

export type Request = ExecuteRequest | PlaceRequest | WholeRequest | CommRequest | AnswerRequest

/** Stop what runs. Not a request: it has no answer, and overtakes requests that wait. */
export interface Interrupt {
  readonly kind: "interrupt"
}

/** The protocol's three fields of an error. */
export interface ErrorContent {
  readonly ename: string
  readonly evalue: string
  readonly traceback: readonly string[]
}

/** How a cell ended. */
export interface ExecuteReply {
  readonly status: "ok" | "error"
  readonly error?: ErrorContent
  readonly expressions?: Readonly<Record<string, unknown>>
  /** The result's plain text, for the history. */
  readonly text?: string
  /** What an answer request asked for. */
  readonly value?: unknown
}

/** The answer to a request. `content` is an `ExecuteReply` for a cell, else the protocol's reply content. */
export interface Reply {
  readonly kind: "reply"
  readonly id: string
  readonly content: unknown
  /** Why there is no content: the session's own code failed. */
  readonly problem?: string
}

/** A message for the front end. `content` and `metadata` are JSON text: made once, never parsed on the way. */
export interface Output {
  readonly kind: "output"
  /** The request that caused it, perhaps long finished. */
  readonly parent: string
  readonly type: OutputType
  readonly content: string
  readonly metadata: string
  readonly buffers: readonly Uint8Array[]
}

/** Text for the cell's output, not yet put together into messages. */
export interface Text {
  readonly kind: "text"
  readonly parent: string
  readonly name: "stdout" | "stderr"
  readonly text: string
}

/** The session can take requests. */
export interface Ready {
  readonly kind: "ready"
}

/** The session has seen the interrupt: its event loop turns. */
export interface Interrupted {
  readonly kind: "interrupted"
}

/** The session came to an end, with all variables; a new one is on its way. */
export interface Ended {
  readonly kind: "ended"
  readonly why: string
  /** The process cannot start another session itself: end it. */
  readonly stuck: boolean
}

/** A graded cell wants to know something of the notebook, which another session runs. */
export interface Asked {
  readonly kind: "asked"
  /** The graded cell's own name for it. */
  readonly question: string
  readonly expression: string
}

/** What the notebook said. Not a request: it belongs to the graded cell that runs. */
export interface Answered {
  readonly kind: "answered"
  readonly question: string
  readonly answer: Answer
  /** What the notebook's code printed on the way. */
  readonly printed: string
}

/** Plain data, or why there is none. */
export type Answer = { readonly value: unknown } | { readonly problem: string }

export type FromSession = Reply | Output | Text | Ready | Interrupted | Asked | InputQuestion
export type ToSession = Request | Interrupt | Answered | InputAnswer
