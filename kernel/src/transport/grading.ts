import type { Answer, Asked, ErrorContent, ExecuteReply, ExecuteRequest, Output } from "../session/protocol"
import { forgetOldest } from "./recent"
import { type ForFrontEnd, type SessionClient, SessionEnded } from "./session-client"

/**
 * A cell that takes answers from the notebook, as its imports say, is a graded cell. Between `import` and the module's name
 * stands neither a quote nor a semicolon: so the pieces between these are looked at, each once, however long a cell is.
 */
export function isGraded(code: string): boolean {
  const pieces = code.split(/(["';])/)
  return pieces.some((piece, at) => {
    const [opening, name, closing] = pieces.slice(at + 1, at + 4)
    const isQuoted = opening === closing && opening !== ";"
    return name === "notebook" && isQuoted && IMPORT.test(piece) && FROM.test(piece)
  })
}

const IMPORT = /^[ \t]*import\b/m
const FROM = /\bfrom\s*$/

/** nbgrader puts back tests that a student deleted, and says so in a comment of Python. */
const withoutRemark = (code: string): string => code.replace(/^# /, "// ")

/** The session in which graded cells run. */
interface Grader extends SessionClient {
  /** What comes from it cannot be read any more. */
  breakLine(): void
  close(): void
}

/**
 * Runs graded cells. Their code goes to the grader's process alone; the notebook's session, where a student's code has been,
 * hears only the expressions that a graded cell asks it for, one at a time, and what it shows meanwhile is not published.
 */
export class Grading {
  private grader: Grader | undefined
  /** The question that the notebook is at, and what it has printed for it. */
  private asking: { readonly id: string; printed: string } | undefined
  /** Questions whose output, however late it comes, is shown to nobody. */
  private readonly asked = new Set<string>()
  /** A graded cell runs, and so somebody waits for answers. */
  private running = false
  /** Settled when the notebook's session has nothing to answer any more: it takes one request at a time. */
  private answers: Promise<void> = Promise.resolve()
  /** Takes what graded cells show. */
  onOutput: (output: ForFrontEnd) => void = () => {}

  /** The points of the graded cell that runs. */
  private points: number | undefined

  /**
   * @param start starts the grader's process, when the first graded cell comes
   * @param strict a graded cell must end with its points: without them nbgrader would give all there are
   */
  constructor(
    private readonly notebook: SessionClient,
    private readonly start: () => Grader,
    private readonly strict: boolean,
  ) {}

  /** Runs a graded cell. @throws SessionEnded */
  async run(request: ExecuteRequest): Promise<ExecuteReply> {
    this.prepare()
    this.points = undefined
    this.running = true
    try {
      return this.checked(request.id, await this.ran(request))
    } catch (error) {
      throw error instanceof SessionEnded ? new SessionEnded(error.why, "The cell was not graded.") : error
    } finally {
      await this.stopAnswering()
    }
  }

  /** Ends an answer that came too late, or that the graded cell did not wait for: it might never be there. */
  private async stopAnswering(): Promise<void> {
    this.running = false
    if (this.asking) this.notebook.interrupt()
    await this.answers
  }

  /** Starts the grader's process, if it is not there yet. */
  prepare(): void {
    this.grader ??= this.started()
  }

  /** Takes output of the notebook's session, if it belongs to an answer: its text is kept for the graded cell. */
  overhears(output: ForFrontEnd): boolean {
    if (this.isComm(output)) return true
    if (!this.asked.has(output.parent)) return false
    if (output.kind === "text" && output.parent === this.asking?.id) this.asking.printed += output.text
    return true
  }

  interrupt(): void {
    this.grader?.interrupt()
  }

  breakLine(): void {
    this.grader?.breakLine()
  }

  close(): void {
    this.grader?.close()
  }

  private async ran(request: ExecuteRequest): Promise<ExecuteReply> {
    return (await this.grader?.request({ ...request, code: withoutRemark(request.code) })) as ExecuteReply
  }

  /** nbgrader's front end keeps back the outputs of any cell that a widget on a comm names: then nobody sees its points. */
  private isComm(output: ForFrontEnd): boolean {
    return this.strict && output.kind === "output" && output.type.startsWith("comm_")
  }

  /** Passes on what a graded cell shows, but no result that is not its points. */
  private hear(output: ForFrontEnd): void {
    if (this.isComm(output)) return
    const isResult = output.kind === "output" && output.type === "execute_result"
    if (isResult) this.points = pointsIn(output)
    if (!isResult || !this.strict || this.points !== undefined) this.onOutput(output)
  }

  private checked(id: string, reply: ExecuteReply): ExecuteReply {
    if (!this.strict || reply.status === "error" || this.points !== undefined) return reply
    const output = { parent: id, type: "error", content: JSON.stringify(NO_POINTS) } as const
    this.onOutput({ kind: "output", ...output, metadata: "{}", buffers: [] })
    return { status: "error", error: NO_POINTS }
  }

  private started(): Grader {
    const grader = this.start()
    grader.onOutput = (output) => this.hear(output)
    grader.onAsked = (asked) => {
      this.answers = this.answers.then(() => this.answer(asked, grader))
    }
    return grader
  }

  private async answer({ question, expression }: Asked, grader: Grader): Promise<void> {
    if (!this.running) return
    const asking = { id: crypto.randomUUID(), printed: "" }
    this.asking = asking
    this.asked.add(asking.id)
    forgetOldest(this.asked)
    const answer = await this.ask(asking.id, expression)
    this.asking = undefined
    grader.tell({ kind: "answered", question, answer, printed: asking.printed })
  }

  private async ask(id: string, expression: string): Promise<Answer> {
    try {
      const reply = (await this.notebook.request({ kind: "answer", id, expression })) as ExecuteReply
      return reply.status === "ok" ? { value: reply.value } : { problem: problemIn(reply) }
    } catch (error) {
      return { problem: (error as Error).message }
    }
  }
}

const NO_POINTS = errorOf("GradingError", "A graded cell must end with its points, a number from 0 upwards.")

function errorOf(ename: string, evalue: string): ErrorContent {
  return { ename, evalue, traceback: [`${ename}: ${evalue}`] }
}

/** A result's points, if that is what it is. */
function pointsIn({ content }: Output): number | undefined {
  const text: unknown = JSON.parse(content).data["text/plain"]
  const points = typeof text === "string" && text.trim() !== "" ? Number(text) : Number.NaN
  return Number.isFinite(points) && points >= 0 ? points : undefined
}

const problemIn = ({ error }: ExecuteReply): string => `${error?.ename}: ${error?.evalue}`
