import { type ChildProcess, execFileSync, fork } from "node:child_process"
import { cut } from "../session/cut"
import { limits, MORE_TEXT, OUT_OF_MEMORY } from "../session/limits"
import { FRUGAL } from "../session/node/process/frugal"
import type {
  Answered,
  Asked,
  Ended,
  FromSession,
  InputAnswer,
  InputQuestion,
  Reply,
  Request,
  ToSession,
} from "../session/protocol"
import { forgetOldest } from "./recent"
import { type ForFrontEnd, NoAnswer, type SessionClient, SessionEnded } from "./session-client"

/** How a session's process is started. */
interface Start {
  /** Its script, a full path. */
  readonly script: string
  /** Options for Node. */
  readonly options: readonly string[]
  /** Its environment variables. */
  readonly environment: NodeJS.ProcessEnv
}

/** The process in which a student's code runs: started, asked, interrupted, and replaced when it dies. */
export class SessionProcess implements SessionClient {
  private child: ChildProcess
  private closing = false
  private failedStarts = 0
  /** What V8 has written about the end of the process: no text for readers. */
  private lastWords = ""
  private pending:
    | { id: string; resolve: (content: unknown) => void; reject: (error: Error) => void }
    | undefined
  /** The cell that runs or ran last, and what programs may still print for it. */
  private lastCell = ""
  private textLeft: number = limits.textPerCell
  /** Requests that may have output. Ids of cells that others run can be guessed, and must not be spoken for. */
  private readonly asked = new Set<string>()
  onOutput: (output: ForFrontEnd) => void = () => {}
  onEnded: () => void = () => {}
  onAsked: (asked: Asked) => void = () => {}
  onInput: (question: InputQuestion) => void = () => {}

  /** @param patience milliseconds that last words may take to come after the process has ended */
  constructor(
    private readonly how: Start,
    private readonly patience = PATIENCE,
  ) {
    this.child = this.start()
  }

  request(request: Request): Promise<unknown> {
    if (request.kind === "execute") this.begin(request.id)
    this.listenFor(request)
    return new Promise((resolve, reject) => {
      this.pending = { id: request.id, resolve, reject }
      this.send(request)
    })
  }

  private listenFor({ id }: Request): void {
    this.asked.add(id)
    forgetOldest(this.asked)
  }

  private begin(cell: string): void {
    this.lastCell = cell
    this.textLeft = limits.textPerCell
  }

  tell(answered: Answered | InputAnswer): void {
    this.send(answered)
  }

  interrupt(): void {
    this.send({ kind: "interrupt" })
    const { pending } = this
    const isDeaf = (): boolean => pending !== undefined && pending === this.pending
    setTimeout(() => isDeaf() && this.replace(BROKEN), LAST_RESORT).unref()
  }

  /** Somebody has written on the lines to the sessions' processes what cannot be read: nothing after it can be, either. */
  breakLine(): void {
    this.replace(BROKEN)
  }

  close(): void {
    this.closing = true
    endWithPrograms(this.child)
  }

  private start(): ChildProcess {
    const child = fork(this.how.script, {
      serialization: "advanced",
      detached: process.platform !== "win32", // a process group of its own: what cells start can be ended with it
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      execArgv: [...OPTIONS, ...this.how.options],
      env: { ...this.how.environment, ...FRUGAL },
    })
    const isCurrent = (): boolean => child === this.child // one that was replaced has nothing more to say
    child.on("message", (messages: (FromSession | Ended)[]) => {
      for (const message of messages) if (isCurrent()) this.take(message)
    })
    const ended = (...how: Parameters<SessionProcess["exited"]>) => isCurrent() && this.exited(...how)
    child.on("close", ended) // all that it has said is read
    child.on("exit", (...how) => setTimeout(ended, this.patience, ...how)) // a program may hold its stderr open
    child.on("error", () => {})
    child.stdout?.setEncoding("utf8").on("data", (text: string) => isCurrent() && this.print("stdout", text))
    child.stderr?.setEncoding("utf8").on("data", (text: string) => isCurrent() && this.hearError(text))
    return child
  }

  private send(message: ToSession): void {
    this.child.send(message, () => {})
  }

  /** A cell can put words of its own on the line; those that make no sense are dropped. */
  private take(message: FromSession | Ended): void {
    try {
      this.receive(message)
    } catch {}
  }

  private receive(message: FromSession | Ended): void {
    if (message.kind === "ready") this.failedStarts = 0
    else if (message.kind === "reply") this.replied(message)
    else if (message.kind === "ended" && message.stuck) this.replace(message.why)
    else if (message.kind === "ended") this.fail(message.why)
    else if (message.kind === "asked") this.onAsked(message)
    else if (message.kind === "input") this.onInput(message)
    else if (message.kind !== "interrupted" && this.asked.has(message.parent)) this.onOutput(message)
  }

  private replied({ id, content, problem }: Reply): void {
    if (this.pending?.id !== id) return
    setImmediate(() => this.settle(id, content, problem))
  }

  /** A turn later than the reply came: what a program of the cell has printed before has then been read, too. */
  private settle(id: string, content: unknown, problem: string | undefined): void {
    if (this.pending?.id !== id) return
    if (problem === undefined) this.pending.resolve(content)
    else this.pending.reject(new NoAnswer(problem))
    this.pending = undefined
  }

  private fail(why: string): void {
    this.onEnded()
    this.pending?.reject(new SessionEnded(why))
    this.pending = undefined
  }

  private hearError(text: string): void {
    if (this.lastWords !== "" || LAST_WORDS.test(text)) this.lastWords += text
    else this.print("stderr", text)
  }

  /** What programs that a cell starts print: to the cell that runs, or that ran last, and no more than a cell may print. */
  private print(name: "stdout" | "stderr", text: string): void {
    const parent = this.pending?.id ?? this.lastCell
    if (this.textLeft <= 0) return
    const allowed = cut(text, this.textLeft)
    this.textLeft -= text.length
    this.onOutput({ kind: "text", parent, name, text: this.textLeft > 0 ? allowed : allowed + MORE_TEXT })
  }

  private exited(code: number | null, signal: string | null): void {
    if (this.closing) return
    if (++this.failedStarts > MAX_FAILED_STARTS)
      throw new Error("The session's process ends as soon as it starts.")
    const ranOut = /memory|allocation failed/i.test(this.lastWords)
    this.lastWords = ""
    this.replace(ranOut ? OUT_OF_MEMORY : `its process ended (${signal ?? `exit code ${code}`})`)
  }

  /** The new process is there before anybody hears of the old one's end, and takes what is asked next. */
  private replace(why: string): void {
    const old = this.child
    this.child = this.start()
    endWithPrograms(old)
    this.fail(why)
  }
}

/** Node would else end the process when code is broken off inside a timer's callback. */
const OPTIONS = ["--no-force-async-hooks-checks"]

/** Ends a session's process, and the programs that its cells have started: one that is in the way of a cell, or was forgotten. */
function endWithPrograms({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    if (process.platform === "win32")
      execFileSync("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore" })
    else process.kill(-pid, "SIGKILL")
  } catch {} // it has ended already
}

/** V8 ends a process with these when its heap cannot grow, which Node does not always see coming. */
const LAST_WORDS = /<--- Last few GCs --->|FATAL ERROR: /

/** A process that has ended says in a moment what it has still to say; a program that a cell started may be silent for ever. */
const PATIENCE = 200

const BROKEN = "it could no longer be heard"

/** Milliseconds after an interrupt until a session counts as deaf: it should have ended itself long before. */
const LAST_RESORT = limits.interruptGrace + 5000

/** A kernel that cannot run anything must not try for ever. */
const MAX_FAILED_STARTS = 3
