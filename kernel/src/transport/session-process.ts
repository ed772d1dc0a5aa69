import { type ChildProcess, fork } from "node:child_process"
import type {
  Answered,
  Asked,
  Ended,
  FromSession,
  Interrupted,
  Ready,
  Reply,
  Request,
  ToSession,
} from "../session/protocol"

/** Thrown to whoever waits for a session that came to an end. */
export class SessionEnded extends Error {
  constructor(
    readonly why: string,
    consequence = "All variables are lost; run the cells again from the top.",
  ) {
    super(`The session ended because ${why}. ${consequence}`)
  }
}

/** What the session sends for the front end. */
export type ForFrontEnd = Exclude<FromSession, Reply | Ready | Interrupted | Asked>

/** How a session's process is started. */
export interface Start {
  /** Its script, a full path. */
  readonly script: string
  /** Options for Node. */
  readonly options: readonly string[]
}

/** The process in which a student's code runs: started, asked, interrupted, and replaced when it dies. */
export class SessionProcess {
  private child: ChildProcess
  private closing = false
  private failedStarts = 0
  private pending:
    | { id: string; resolve: (content: unknown) => void; reject: (error: Error) => void }
    | undefined
  /** Takes all output. */
  onOutput: (output: ForFrontEnd) => void = () => {}
  /** Called when a session came to an end with all that it held. */
  onEnded: () => void = () => {}

  /** Hears what a graded cell asks of the notebook. */
  onAsked: (asked: Asked) => void = () => {}

  constructor(private readonly how: Start) {
    this.child = this.start()
  }

  /**
   * Asks the session; one request at a time.
   * @throws SessionEnded when there will be no answer
   */
  request(request: Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.pending = { id: request.id, resolve, reject }
      this.send(request)
    })
  }

  /** Hands on what the notebook answered. */
  tell(answered: Answered): void {
    this.send(answered)
  }

  interrupt(): void {
    this.send({ kind: "interrupt" })
  }

  close(): void {
    this.closing = true
    this.child.kill("SIGKILL")
  }

  private start(): ChildProcess {
    const child = fork(this.how.script, {
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      execArgv: [...this.how.options],
    })
    child.on("message", (messages: (FromSession | Ended)[]) => {
      for (const message of messages) this.receive(message)
    })
    child.on("exit", (code, signal) => this.exited(child, code, signal))
    child.on("error", () => {})
    child.stdout?.on("data", (data: Buffer) => this.print("stdout", data))
    child.stderr?.on("data", (data: Buffer) => this.print("stderr", data))
    return child
  }

  private send(message: ToSession): void {
    this.child.send(message, () => {})
  }

  private receive(message: FromSession | Ended): void {
    if (message.kind === "ready") this.failedStarts = 0
    else if (message.kind === "reply") this.replied(message)
    else if (message.kind === "ended" && message.stuck) this.replace(message.why)
    else if (message.kind === "ended") this.fail(message.why)
    else if (message.kind === "asked") this.onAsked(message)
    else if (message.kind === "output" || message.kind === "text") this.onOutput(message)
  }

  private replied({ id, content }: Reply): void {
    if (this.pending?.id !== id) return
    this.pending.resolve(content)
    this.pending = undefined
  }

  private fail(why: string): void {
    this.onEnded()
    this.pending?.reject(new SessionEnded(why))
    this.pending = undefined
  }

  /** What programs that a cell starts print, and the last words of a dying process. */
  private print(name: "stdout" | "stderr", data: Buffer): void {
    const parent = this.pending?.id
    if (parent !== undefined) this.onOutput({ kind: "text", parent, name, text: data.toString("utf8") })
  }

  private exited(child: ChildProcess, code: number | null, signal: string | null): void {
    if (this.closing || child !== this.child) return
    if (++this.failedStarts > MAX_FAILED_STARTS)
      throw new Error("The session's process ends as soon as it starts.")
    this.replace(`its process ended (${signal ?? `exit code ${code}`})`)
  }

  /** The new process is there before anybody hears of the old one's end, and takes what is asked next. */
  private replace(why: string): void {
    const old = this.child
    this.child = this.start()
    old.kill("SIGKILL")
    this.fail(why)
  }
}

/** A kernel that cannot run anything must not try for ever. */
const MAX_FAILED_STARTS = 3
