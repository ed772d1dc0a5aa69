import type { ExecuteReply, ExecuteRequest, InputQuestion, Output, OutputType } from "../session/protocol"
import { type Grading, isGraded } from "./grading"
import { History } from "./history"
import type { Header, Incoming, Outgoing } from "./message"
import { forgetOldest } from "./recent"
import { type ForFrontEnd, NoAnswer, type SessionClient } from "./session-client"
import { toPoints, toUnits } from "./text"

type Content = Record<string, unknown>
type Question = Omit<ExecuteRequest, "id">

/** Where the kernel stands: sockets and processes of Node, or a page of a browser one day. */
export interface KernelPlace {
  send(channel: "shell" | "control" | "iopub" | "stdin", message: Outgoing): void
  /** The answer to a `kernel_info_request`. */
  readonly info: object
  /** The port of each socket, as a `connect_reply` names them. */
  readonly ports: Record<string, number>
  /** Lets everything be received that has arrived. */
  turn(): Promise<void>
  /** Ends the kernel, after everything has been sent. */
  exit(): void
}

/** A message that waits for its turn, and the channel on which it came. */
interface Waiting {
  readonly channel: "shell" | "control"
  readonly message: Incoming
}

/** What the session must answer. It takes one request at a time, so these wait for their turn on either channel. */
const FOR_SESSION = /^(execute|complete|inspect|is_complete)_request$|^comm_(open|msg|close)$/

/**
 * The Jupyter side of the kernel: takes messages in order, asks the session, and answers as the protocol says. It never
 * runs a line of a student's code, so it always has time to listen.
 */
export class Kernel {
  private readonly queue: Waiting[] = []
  private readonly aborted = new Set<Incoming>()
  /** Headers of requests, for outputs that come late. */
  private readonly parents = new Map<string, Header>()
  private readonly history = new History()
  private readonly comms = new Map<string, string>()
  /** The cell that runs. */
  private cell: Incoming | undefined
  /** The id of the question that its reader has not answered yet. */
  private question: string | undefined
  private count = 0
  private working = false

  constructor(
    private readonly place: KernelPlace,
    private readonly session: SessionClient,
    private readonly grading: Grading,
  ) {
    grading.onOutput = (output) => this.publish(output)
    session.onOutput = (output) => grading.overhears(output) || this.publish(output)
    session.onEnded = () => this.closeComms()
    session.onInput = (question) => this.askReader(question)
  }

  /** Tells the front end that the kernel is there. */
  announce(): void {
    this.status("starting", undefined)
  }

  /** Takes a message. Control messages are answered at once, if they can be; shell messages in their turn. */
  receive(channel: "shell" | "control", message: Incoming): void {
    if (channel === "control" && !FOR_SESSION.test(message.header.msg_type)) void this.serve(channel, message)
    else {
      this.queue.push({ channel, message })
      void this.work()
    }
  }

  /** Takes what the reader wrote, unless it comes too late: then it is no answer to the next question. */
  receiveInput({ header, parent, content }: Incoming): void {
    if (header.msg_type !== "input_reply" || !this.isOpen(parent)) return
    this.question = undefined
    this.session.tell({ kind: "input-answer", text: String(content.value ?? "") })
  }

  /** Is there a question that this reply may answer? Not all front ends name the one that they mean. */
  private isOpen({ msg_type, msg_id }: Incoming["parent"]): boolean {
    return this.question !== undefined && (msg_type !== "input_request" || msg_id === this.question)
  }

  /** Only the front end that asked for the cell is asked. */
  private askReader({ parent, prompt }: InputQuestion): void {
    if (this.cell?.header.msg_id !== parent) return
    const { identities, header } = this.cell
    const id = crypto.randomUUID()
    this.question = id
    const content = { prompt, password: false }
    this.place.send("stdin", { id, identities, type: "input_request", parent: header, content })
  }

  private askNoMore(): void {
    this.cell = undefined
    this.question = undefined
  }

  /** Stops what runs: a cell, or a graded cell and what it asked for. */
  interrupt(): void {
    this.session.interrupt()
    this.grading.interrupt()
  }

  private async work(): Promise<void> {
    if (this.working) return
    this.working = true
    for (let next = this.queue.shift(); next; next = this.queue.shift())
      await this.serve(next.channel, next.message)
    this.working = false
  }

  private async serve(channel: "shell" | "control", message: Incoming): Promise<void> {
    this.remember(message.header)
    this.status("busy", message.header)
    const type = message.header.msg_type
    const content = await this.answer(message).catch(failure)
    if (type === "execute_request" && content?.status === "error" && message.content.stop_on_error !== false)
      await this.abortQueue()
    if (content) this.reply(channel, message, type.replace(/_request$/, "_reply"), content)
    this.status("idle", message.header)
    if (type === "shutdown_request") this.place.exit()
  }

  /**
   * Every cell that waits now is told that it will not run. What comes later is not concerned, so this is done before the
   * reply leaves: whoever has read it and asks for another cell wants that one to run.
   */
  private async abortQueue(): Promise<void> {
    await this.place.turn()
    for (const { message } of this.queue)
      if (message.header.msg_type === "execute_request") this.aborted.add(message)
  }

  /** The reply's content, or undefined where the protocol has no reply. */
  private async answer(message: Incoming): Promise<Content | undefined> {
    const { content } = message
    switch (message.header.msg_type) {
      case "execute_request":
        return this.aborted.delete(message) ? { status: "aborted" } : this.execute(message)
      case "kernel_info_request":
        return this.place.info as Content
      case "complete_request":
        return this.complete(message)
      case "inspect_request":
        return this.inspect(message)
      case "is_complete_request":
        return this.ask<Content>(message, { kind: "is-complete", code: codeIn(message) })
      case "history_request":
        return { status: "ok", history: this.history.answer(content) }
      case "comm_info_request":
        return { status: "ok", comms: this.commInfo(content.target_name) }
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        return this.comm(message)
      case "interrupt_request":
        this.interrupt()
        return { status: "ok" }
      case "connect_request":
        return { status: "ok", ...this.place.ports }
      case "shutdown_request":
        return { status: "ok", restart: content.restart === true }
      default:
        return undefined
    }
  }

  private ask<T>(message: Incoming, question: object): Promise<T> {
    return this.session.request({ ...question, id: message.header.msg_id } as never) as Promise<T>
  }

  private async execute(message: Incoming): Promise<Content> {
    const code = codeIn(message)
    const { silent = false, store_history: store = !silent, user_expressions: expressions } = message.content
    const kept = store === true && silent !== true
    if (kept) this.history.add(++this.count, code)
    const count = this.count
    const question: Question = {
      kind: "execute",
      code,
      count,
      silent: silent === true,
      mayAsk: message.content.allow_stdin === true,
      expressions: textsOf(expressions),
    }
    this.cell = message
    const running = this.run(message, question)
    if (silent !== true) this.send("execute_input", message.header, { code, execution_count: count })
    const reply = await running
      .catch((error) => this.lost(error, message.header))
      .finally(() => this.askNoMore())
    if (kept) this.history.result(reply.text)
    return executeReply(reply, count)
  }

  private run(message: Incoming, question: Question): Promise<ExecuteReply> {
    if (!isGraded(question.code)) return this.ask(message, question)
    return this.grading.run({ ...question, mayAsk: false, id: message.header.msg_id }) // nobody hears what a grader asks
  }

  /** The session died under the cell, or could not answer: the cell says so. */
  private lost(error: unknown, parent: Header): ExecuteReply {
    if (!(error instanceof NoAnswer)) throw error
    const { name, message } = error
    const content = { ename: name, evalue: message, traceback: [`\u001b[31;1m${name}\u001b[0m: ${message}`] }
    this.send("error", parent, content)
    return { status: "error", error: content }
  }

  private async complete(message: Incoming): Promise<Content> {
    const { code, cursor } = placeIn(message)
    const found = await this.ask<{ start: number; end: number; matches: { name: string; kind: string }[] }>(
      message,
      { kind: "complete", code, cursor },
    )
    const [start, end] = [toPoints(code, found.start), toPoints(code, found.end)]
    const typed = found.matches.map(({ name, kind }) => ({ text: name, type: kind, start, end }))
    return {
      status: "ok",
      matches: found.matches.map(({ name }) => name),
      cursor_start: start,
      cursor_end: end,
      metadata: { _jupyter_types_experimental: typed },
    }
  }

  private async inspect(message: Incoming): Promise<Content> {
    const { code, cursor } = placeIn(message)
    const found = await this.ask<{ signature: string; documentation: string } | null>(message, {
      kind: "inspect",
      code,
      cursor,
    })
    return { status: "ok", found: found !== null, data: found ? explanationBundle(found) : {}, metadata: {} }
  }

  private async comm({ header, content, metadata, buffers }: Incoming): Promise<undefined> {
    const event = header.msg_type.replace("comm_", "").replace("msg", "message")
    const comm = String(content.comm_id)
    if (event === "message" && this.isSuperseded(comm, metadata)) return undefined
    if (event === "open") this.comms.set(comm, String(content.target_name))
    if (event === "close") this.comms.delete(comm)
    const question = {
      kind: "comm",
      event,
      comm,
      target: String(content.target_name ?? ""),
      data: content.data,
      metadata,
      buffers,
    }
    await this.session.request({ ...question, id: header.msg_id } as never).catch(() => {})
    return undefined
  }

  /** Of messages that say `latest` only the last counts: whoever drags a slider wants to see where it stands now. */
  private isSuperseded(comm: string, metadata: Content): boolean {
    if (metadata.latest !== true) return false
    const isNewer = ({ message: { header, content, metadata } }: Waiting): boolean =>
      header.msg_type === "comm_msg" && content.comm_id === comm && metadata.latest === true
    return this.queue.some(isNewer)
  }

  private commInfo(target: unknown): Content {
    const wanted = [...this.comms].filter(([, name]) => !target || name === target)
    return Object.fromEntries(wanted.map(([id, name]) => [id, { target_name: name }]))
  }

  /** Whoever served the comms is gone: the front end should know. */
  private closeComms(): void {
    for (const comm of this.comms.keys()) this.send("comm_close", undefined, { comm_id: comm, data: {} })
    this.comms.clear()
  }

  /** Output of the session, to the cell that caused it. */
  private publish(output: ForFrontEnd): void {
    const parent = this.parents.get(output.parent)
    if (output.kind === "text") this.send("stream", parent, { name: output.name, text: output.text })
    else this.forward(output, parent)
  }

  private forward(output: Output, parent: Header | undefined): void {
    this.noteComm(output.type, output.content)
    const { type, content, metadata, buffers } = output
    this.place.send("iopub", { identities: [type], type, parent, content, metadata, buffers })
  }

  private noteComm(type: OutputType, content: string): void {
    if (type !== "comm_open" && type !== "comm_close") return
    const { comm_id, target_name } = JSON.parse(content)
    if (type === "comm_open") this.comms.set(comm_id, target_name)
    else this.comms.delete(comm_id)
  }

  private remember(header: Header): void {
    this.parents.set(header.msg_id, header)
    forgetOldest(this.parents)
  }

  private status(state: "starting" | "busy" | "idle", parent: Header | undefined): void {
    this.send("status", parent, { execution_state: state })
  }

  private send(type: string, parent: Header | undefined, content: object): void {
    this.place.send("iopub", { identities: [type], type, parent, content })
  }

  private reply(
    channel: "shell" | "control",
    { identities, header }: Incoming,
    type: string,
    content: Content,
  ): void {
    this.place.send(channel, { identities, type, parent: header, content })
  }
}

/** The request's code. @throws an error for the reply, if there is none */
function codeIn({ header, content }: Incoming): string {
  if (typeof content.code === "string") return content.code
  throw new TypeError(`This ${header.msg_type} has no code: its content needs a field "code" with text.`)
}

/** The code and the place in it, in UTF-16 units; the end of the code, if the request names no place. */
function placeIn(message: Incoming): { code: string; cursor: number } {
  const code = codeIn(message)
  const { cursor_pos: points } = message.content
  return { code, cursor: typeof points === "number" ? toUnits(code, points) : code.length }
}

/** Expressions by name, all of them text. */
function textsOf(expressions: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(expressions ?? {}).map(([name, code]) => [name, String(code)]))
}

function executeReply({ status, error, expressions }: ExecuteReply, count: number): Content {
  const base = { status, execution_count: count, payload: [] }
  return status === "ok"
    ? { ...base, user_expressions: expressions ?? {} }
    : { ...base, ...error, user_expressions: {} }
}

/** A question that the session could not answer. */
function failure(error: Error): Content {
  return { status: "error", ename: error.name, evalue: error.message, traceback: [error.message] }
}

function explanationBundle({
  signature,
  documentation,
}: {
  signature: string
  documentation: string
}): Content {
  const markdown = `\`\`\`typescript\n${signature}\n\`\`\`\n\n${documentation}`
  return {
    "text/plain": documentation ? `${signature}\n\n${documentation}` : signature,
    "text/markdown": markdown,
  }
}
