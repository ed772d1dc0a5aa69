import { randomUUID } from "node:crypto"
import type { Answer, Asked, ExecuteReply, ExecuteRequest } from "../session/protocol"
import { type ForFrontEnd, SessionEnded, type SessionProcess } from "./session-process"

/** A cell that takes answers from the notebook, as its imports say, is a graded cell. */
export const isGraded = (code: string): boolean =>
  /^[ \t]*import\b[^;'"]*\bfrom\s*(["'])notebook\1/m.test(code)

/**
 * Runs graded cells. Their code goes to the grader's process alone; the notebook's session, where a student's code has been,
 * hears only the expressions that a graded cell asks it for, one at a time, and what it shows meanwhile is not published.
 */
export class Grading {
  private grader: SessionProcess | undefined
  /** The question that the notebook is at, and what it has printed for it. */
  private asking: { readonly id: string; printed: string } | undefined
  private readonly asked = new Set<string>()
  /** Takes what graded cells show. */
  onOutput: (output: ForFrontEnd) => void = () => {}

  /** @param start starts the grader's process, when the first graded cell comes */
  constructor(
    private readonly notebook: SessionProcess,
    private readonly start: () => SessionProcess,
  ) {}

  /** Runs a graded cell. @throws SessionEnded */
  async run(request: ExecuteRequest): Promise<ExecuteReply> {
    this.grader ??= this.started()
    try {
      return (await this.grader.request(request)) as ExecuteReply
    } catch (error) {
      throw error instanceof SessionEnded ? new SessionEnded(error.why, "The cell was not graded.") : error
    }
  }

  /** Takes output of the notebook's session, if it belongs to an answer: its text is kept for the graded cell. */
  overhears(output: ForFrontEnd): boolean {
    if (!this.asked.has(output.parent)) return false
    if (output.kind === "text" && output.parent === this.asking?.id) this.asking.printed += output.text
    return true
  }

  interrupt(): void {
    this.grader?.interrupt()
  }

  close(): void {
    this.grader?.close()
  }

  private started(): SessionProcess {
    const grader = this.start()
    grader.onOutput = this.onOutput
    grader.onAsked = (asked) => void this.answer(asked, grader)
    return grader
  }

  private async answer({ question, expression }: Asked, grader: SessionProcess): Promise<void> {
    const asking = { id: randomUUID(), printed: "" }
    this.asking = asking
    this.asked.add(asking.id)
    const answer = await this.ask(asking.id, expression)
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

const problemIn = ({ error }: ExecuteReply): string => `${error?.ename}: ${error?.evalue}`
