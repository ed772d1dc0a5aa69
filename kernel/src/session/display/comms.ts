import type { CommRequest } from "../protocol"
import type { Publisher } from "./publisher"

/** What a side of a comm does with what the other side says. */
export interface CommHandlers {
  /** `buffers` are binary parts that came with the data. */
  message?(data: unknown, buffers: readonly Uint8Array[]): unknown
  close?(data: unknown): unknown
}

/** A line between code in the kernel and code in the browser, open until one of them closes it. */
export interface Comm {
  readonly id: string
  /** Sends plain data, and binary parts if need be. */
  send(data: unknown, buffers?: readonly Uint8Array[]): void
  close(data?: unknown): void
}

/** Called when the browser opens a comm: returns what to do with its messages. */
export type CommOpened = (comm: Comm, data: unknown) => CommHandlers

/** Offered targets that are kept: a notebook has less, but its cells may be run again and again. */
const MOST_OFFERED = 300

/** All comms of a session, opened from either side. */
export class Comms {
  private readonly open = new Map<string, CommHandlers>()
  private readonly targets = new Map<string, CommOpened>()
  private readonly offered: string[] = []
  private serial = 0

  constructor(private readonly publisher: Publisher) {}

  /** Opens a comm to the browser, where an extension must know `target`. */
  create(target: string, data: unknown, handlers: CommHandlers): Comm {
    const id = this.newName()
    this.open.set(id, handlers)
    this.publisher.send("comm_open", { comm_id: id, target_name: target, data: data ?? {} })
    return this.comm(id)
  }

  /** Lets the browser open comms to `target`. */
  serve(target: string, opened: CommOpened): void {
    this.targets.set(target, opened)
  }

  /** Lets the browser open comms to a new target, and returns its name. The oldest offers are forgotten. */
  offer(opened: CommOpened): string {
    const target = this.newName()
    this.serve(target, opened)
    this.offered.push(target)
    if (this.offered.length > MOST_OFFERED) this.targets.delete(this.offered.shift() as string)
    return target
  }

  /** Hands on what the browser says. A comm that nobody serves is closed, as the protocol demands. */
  async receive(request: CommRequest): Promise<undefined> {
    if (request.event === "open") this.opened(request)
    else await this.handled(request)
    return undefined
  }

  private async handled(request: CommRequest): Promise<void> {
    const handlers = this.open.get(request.comm)
    if (request.event === "close") this.open.delete(request.comm)
    if (request.event === "close") await handlers?.close?.(request.data)
    else await handlers?.message?.(request.data, request.buffers)
  }

  private opened({ comm, target, data }: CommRequest): void {
    const opened = this.targets.get(target)
    if (!opened) this.publisher.send("comm_close", { comm_id: comm, data: {} })
    else this.open.set(comm, opened(this.comm(comm), data))
  }

  /** No other session has used it: front ends may remember the names of sessions that are gone. */
  private newName(): string {
    return `ringlab-${Date.now().toString(36)}-${++this.serial}`
  }

  private comm(id: string): Comm {
    return {
      id,
      send: (data, buffers = []) => this.publisher.send("comm_msg", { comm_id: id, data }, {}, buffers),
      close: (data = {}) => {
        if (this.open.delete(id)) this.publisher.send("comm_close", { comm_id: id, data })
      },
    }
  }
}
