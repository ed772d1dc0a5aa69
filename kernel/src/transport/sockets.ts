import { Reply, Router, XPublisher } from "zeromq"
import { addressOf, type Connection, encryption } from "./connection"
import { type Incoming, type Outgoing, Wire } from "./message"

type Frames = (Uint8Array | string)[]

/** Sends one message after the other, as ZeroMQ wants it, without making the caller wait. */
class Outbox {
  private last: Promise<void> = Promise.resolve()

  constructor(private readonly socket: { send(frames: Frames): Promise<void> }) {}

  send(frames: Frames): void {
    this.last = this.last.then(() => this.socket.send(frames)).catch(() => {})
  }

  /** Resolves when all that was to be sent is in ZeroMQ's hands. */
  sent(): Promise<void> {
    return this.last
  }
}

/** The kernel's five sockets. */
export class Sockets {
  private readonly wire: Wire
  private readonly shell: Router
  private readonly control: Router
  private readonly stdin: Router
  private readonly heartbeat: Reply
  private readonly iopub: XPublisher
  private readonly outboxes: Readonly<Record<"shell" | "control" | "iopub" | "stdin", Outbox>>

  constructor(private readonly connection: Connection) {
    this.wire = new Wire(connection.key, connection.signature_scheme)
    const [patient, brief] = [1000, 0].map((linger) => ({ linger, ...encryption(connection) }))
    this.shell = new Router(patient)
    this.control = new Router(patient)
    this.stdin = new Router(patient)
    this.heartbeat = new Reply(brief)
    this.iopub = new XPublisher({ ...patient, sendHighWaterMark: 0 })
    this.outboxes = {
      shell: new Outbox(this.shell),
      control: new Outbox(this.control),
      iopub: new Outbox(this.iopub),
      stdin: new Outbox(this.stdin),
    }
  }

  /** Binds all sockets, and hands every message that comes in to `receive`. */
  async open(receive: (channel: "shell" | "control" | "stdin", message: Incoming) => void): Promise<void> {
    const { connection } = this
    await Promise.all([
      this.shell.bind(addressOf(connection, "shell")),
      this.control.bind(addressOf(connection, "control")),
      this.stdin.bind(addressOf(connection, "stdin")),
      this.heartbeat.bind(addressOf(connection, "hb")),
      this.iopub.bind(addressOf(connection, "iopub")),
    ])
    void this.listen(this.shell, (message) => receive("shell", message))
    void this.listen(this.control, (message) => receive("control", message))
    void this.listen(this.stdin, (message) => receive("stdin", message))
    void this.echo()
    void this.welcome()
  }

  send(channel: "shell" | "control" | "iopub" | "stdin", message: Outgoing): void {
    this.outboxes[channel].send(this.wire.encode(message))
  }

  /** The port of each socket, as a `connect_reply` names them. */
  get ports(): Record<string, number> {
    const { shell_port, iopub_port, stdin_port, control_port, hb_port } = this.connection
    return { shell_port, iopub_port, stdin_port, control_port, hb_port }
  }

  /** Sends what is left and closes. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.outboxes).map((outbox) => outbox.sent()))
    for (const socket of [this.shell, this.control, this.stdin, this.heartbeat, this.iopub]) socket.close()
  }

  private async listen(socket: Router, receive: (message: Incoming) => void): Promise<void> {
    for await (const frames of socket) {
      const message = this.decode(frames)
      if (message) receive(message)
    }
  }

  /** A frame that cannot be read is dropped: it is not from the server that has the key. */
  private decode(frames: readonly Buffer[]): Incoming | undefined {
    try {
      return this.wire.decode(frames)
    } catch {
      return undefined
    }
  }

  private async echo(): Promise<void> {
    for await (const frames of this.heartbeat) await this.heartbeat.send(frames)
  }

  /** Tells a new subscriber that it will miss nothing from now on. */
  private async welcome(): Promise<void> {
    for await (const [frame] of this.iopub) {
      if (frame[0] !== 1) continue
      const subscription = frame.subarray(1).toString("utf8")
      this.send("iopub", {
        identities: [subscription],
        type: "iopub_welcome",
        parent: undefined,
        content: { subscription },
      })
    }
  }
}
