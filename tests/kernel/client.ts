import { type ChildProcess, spawn } from "node:child_process"
import { createHmac, randomUUID } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Dealer, Request, Subscriber } from "zeromq"

/** A message as it came from the kernel. */
export interface Message {
  readonly type: string
  readonly id: string
  /** The id of the request that caused it, or undefined. */
  readonly parent: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the kernel says
  readonly content: any
  readonly buffers: readonly Buffer[]
}

/** What became of one cell. */
export interface Ran {
  readonly reply: Message["content"]
  /** Everything published for the cell between busy and idle, the states and the input left out. */
  readonly outputs: readonly Message[]
  readonly id: string
}

const main = fileURLToPath(new URL("../../kernel/dist/main.js", import.meta.url))
const KEY = "a key for tests"

/** The built kernel, started in a folder of its own, and a front end that talks to it. Stop it after use. */
export class KernelUnderTest {
  private readonly routingId = randomUUID()
  private readonly shell = new Dealer({ linger: 0, routingId: this.routingId })
  private readonly stdin = new Dealer({ linger: 0, routingId: this.routingId })
  private readonly control = new Dealer({ linger: 0 })
  private readonly heartbeat = new Request({ linger: 0 })
  private readonly iopub = new Subscriber({ linger: 0 })
  private readonly waiting = new Set<() => void>()
  /** Everything that came on iopub, in order. */
  readonly published: Message[] = []
  /** Every reply that came on shell or control. */
  readonly replies: Message[] = []
  /** Everything that the kernel asked the reader. */
  readonly questions: Message[] = []

  private constructor(
    readonly folder: string,
    readonly process: ChildProcess,
    private readonly ports: readonly number[],
  ) {}

  /**
   * @param files what lies beside the notebook, by name
   * @param variables environment variables to add
   * @param options of the kernel's command line
   * @param cwd where the notebook lies; a new folder, if not said
   * @param node the Node.js to run it with
   */
  static async start(
    files: Readonly<Record<string, string>> = {},
    variables: Readonly<Record<string, string>> = {},
    options: readonly string[] = [],
    cwd?: string,
    node = process.execPath,
  ): Promise<KernelUnderTest> {
    const folder = mkdtempSync(join(tmpdir(), "ringlab-kernel-"))
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    const ports = await freePorts(5)
    const connection = join(folder, "connection.json")
    writeFileSync(connection, JSON.stringify(connectionOf(ports)))
    const child = spawn(node, [main, "--connection", connection, ...options], {
      cwd: cwd ?? folder,
      env: { ...process.env, ...variables },
      stdio: "inherit",
    })
    const kernel = new KernelUnderTest(folder, child, ports)
    await kernel.connect()
    return kernel
  }

  async stop(): Promise<void> {
    for (const socket of [this.shell, this.control, this.stdin, this.heartbeat, this.iopub]) socket.close()
    const gone = new Promise((resolve) => this.process.once("exit", resolve))
    if (this.process.exitCode === null && this.process.kill("SIGTERM")) await gone
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Writes a file beside the notebook. */
  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }

  /** Sends a request and returns its id. */
  send(
    type: string,
    content: object,
    channel: "shell" | "control" | "stdin" = "shell",
    buffers: Uint8Array[] = [],
    metadata: object = {},
    id: string = randomUUID(),
    parent: object = {},
  ): string {
    const parts = [headerOf(id, type), parent, metadata, content].map((part) => JSON.stringify(part))
    void this[channel].send(["<IDS|MSG>", signatureOf(parts), ...parts, ...buffers])
    return id
  }

  /** Answers what the kernel asked, and says which question that was, as JupyterLab does. */
  answer(question: Message, value: string): void {
    const parent = headerOf(question.id, question.type)
    this.send("input_reply", { value, status: "ok" }, "stdin", [], {}, randomUUID(), parent)
  }

  /** Sends frames as they are. */
  async sendRaw(frames: (string | Uint8Array)[]): Promise<void> {
    await this.shell.send(frames)
  }

  /** Sends header, parent, metadata and content as they are, but signed. */
  async sendSigned(parts: string[]): Promise<void> {
    await this.sendRaw(["<IDS|MSG>", signatureOf(parts), ...parts])
  }

  /** Sends a request and waits for its reply's content. */
  async ask(
    type: string,
    content: object = {},
    channel: "shell" | "control" = "shell",
  ): Promise<Message["content"]> {
    return this.reply(this.send(type, content, channel))
  }

  async reply(id: string): Promise<Message["content"]> {
    return (await this.when(() => this.replies.find(({ parent }) => parent === id))).content
  }

  /** Asks for a cell to be run and returns the request's id at once. Real front ends count, so that ids can be guessed. */
  submit(code: string, options: object = {}, id?: string): string {
    const rest = {
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    }
    return this.send("execute_request", { code, ...rest, ...options }, "shell", [], {}, id)
  }

  /** Runs a cell to its end. */
  async run(code: string, options: object = {}): Promise<Ran> {
    return this.finished(this.submit(code, options))
  }

  /** Waits for a cell's end. */
  async finished(id: string): Promise<Ran> {
    const reply = await this.reply(id)
    await this.idle(id)
    return { id, reply, outputs: this.outputsOf(id) }
  }

  /** Waits until the kernel says that it is idle again after a request. */
  async idle(id: string): Promise<void> {
    await this.when(() => this.published.find((message) => isStatus(message, id, "idle")))
  }

  outputsOf(id: string): Message[] {
    return this.published.filter(
      ({ parent, type }) => parent === id && type !== "status" && type !== "execute_input",
    )
  }

  /** Interrupts once the cell has printed something, or a word, so that it surely runs. */
  async interruptWhenPrinting(id: string, word = ""): Promise<void> {
    await this.when(() =>
      this.outputsOf(id).find(
        (output) => printed({ outputs: [output] }).includes(word) && output.type === "stream",
      ),
    )
    await this.ask("interrupt_request", {}, "control")
  }

  /** The heartbeat's answer. */
  async beat(text: string): Promise<string> {
    await this.heartbeat.send(text)
    return String((await this.heartbeat.receive())[0])
  }

  /** Waits until `look` finds something in what has come. */
  async when<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.waiting.add(resolve))
    }
  }

  private async connect(): Promise<void> {
    const [shell, iopub, stdin, control, heartbeat] = this.ports.map((port) => `tcp://127.0.0.1:${port}`)
    this.iopub.subscribe("")
    this.iopub.connect(iopub)
    this.shell.connect(shell)
    this.control.connect(control)
    this.stdin.connect(stdin)
    this.heartbeat.connect(heartbeat)
    void this.listen(this.iopub, this.published)
    void this.listen(this.shell, this.replies)
    void this.listen(this.control, this.replies)
    void this.listen(this.stdin, this.questions)
    await this.when(() => this.published.find(({ type }) => type === "iopub_welcome"))
  }

  private async listen(socket: AsyncIterable<Buffer[]>, into: Message[]): Promise<void> {
    for await (const frames of socket) {
      into.push(decode(frames))
      for (const resolve of this.waiting) resolve()
      this.waiting.clear()
    }
  }
}

/** Text that a cell printed on a stream. */
export function printed(ran: { readonly outputs: readonly Message[] }, name = "stdout"): string {
  const streams = ran.outputs.filter(({ type, content }) => type === "stream" && content.name === name)
  return streams.map(({ content }) => content.text).join("")
}

/** The cell's result as plain text, or undefined. */
export function resultOf(ran: { readonly outputs: readonly Message[] }): string | undefined {
  return ran.outputs.find(({ type }) => type === "execute_result")?.content.data["text/plain"]
}

/** A traceback as a reader sees it, without colours. */
export function tracebackOf(ran: { readonly outputs: readonly Message[] }): string {
  const error = ran.outputs.find(({ type }) => type === "error")
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  return (error?.content.traceback ?? []).join("\n").replace(/\u001b\[[\d;]*m/g, "")
}

function isStatus({ type, parent, content }: Message, id: string, state: string): boolean {
  return type === "status" && parent === id && content.execution_state === state
}

function headerOf(id: string, type: string): object {
  return {
    msg_id: id,
    msg_type: type,
    session: "test",
    username: "test",
    date: new Date().toISOString(),
    version: "5.5",
  }
}

function signatureOf(parts: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac("sha256", KEY)
  for (const part of parts) hmac.update(part)
  return hmac.digest("hex")
}

function decode(frames: readonly Buffer[]): Message {
  const at = frames.findIndex((frame) => String(frame) === "<IDS|MSG>")
  const parts = frames.slice(at + 2, at + 6)
  if (String(frames[at + 1]) !== signatureOf(parts))
    throw new Error("the kernel has signed a message wrongly")
  const [header, parent, , content] = parts.map((part) => JSON.parse(String(part)))
  return {
    type: header.msg_type,
    id: header.msg_id,
    parent: parent.msg_id,
    content,
    buffers: frames.slice(at + 6),
  }
}

export function connectionOf([shell, iopub, stdin, control, hb]: readonly number[]): object {
  const ports = {
    shell_port: shell,
    iopub_port: iopub,
    stdin_port: stdin,
    control_port: control,
    hb_port: hb,
  }
  return { ...ports, transport: "tcp", ip: "127.0.0.1", key: KEY, signature_scheme: "hmac-sha256" }
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(servers.map(portOf))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port))
  })
}
