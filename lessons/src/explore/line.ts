/** The line to the function in the kernel: is it there, and what does it give for these values? */
import type { DocumentRegistry } from "@jupyterlab/docregistry"
import type { Kernel, KernelMessage } from "@jupyterlab/services"
import { type ISignal, Signal } from "@lumino/signaling"
import type { Values } from "ringlab"
import { addMessage, NOTHING_YET, type Outcome } from "./outcome"

/** The session of a notebook, which may have a kernel. */
export type NotebookSession = DocumentRegistry.Context["sessionContext"]

/** How the line is: without a kernel, being made, open, or to a kernel that does not know the function. */
export type LineState = "no kernel" | "waiting" | "open" | "unknown"

/** Statuses of a kernel after which it has forgotten everything. */
const FORGETS: readonly Kernel.Status[] = ["restarting", "autorestarting", "terminating", "dead"]

export class KernelLine {
  constructor(
    private readonly session: NotebookSession,
    private readonly target: string,
  ) {
    session.kernelChanged.connect(this.connect, this)
    session.statusChanged.connect(this.statusChanged, this)
    this.connect()
  }

  get state(): LineState {
    return this.now
  }

  /** Told whenever `state` changes. */
  get stateChanged(): ISignal<this, void> {
    return this.signal
  }

  /**
   * Run the function with new values. `started` is called when it really runs.
   * @returns what came of it, or undefined if it was not run after all: newer values came, or the kernel has gone
   */
  async run(values: Values, started: () => void): Promise<Outcome | undefined> {
    const { comm } = this
    if (!comm || comm.isDisposed) return undefined
    let outcome: Outcome | undefined
    const future = comm.send({ values: { ...values } }, { latest: true })
    future.onIOPub = (message) => {
      if (isBusy(message)) {
        outcome = NOTHING_YET
        started()
      } else if (outcome) outcome = addMessage(outcome, message)
    }
    return future.done.then(
      () => outcome,
      () => undefined,
    )
  }

  /** Interrupt what the kernel is doing. Call it only while the function runs: it cannot tell one cell from another. */
  interrupt(): void {
    this.session.session?.kernel?.interrupt().catch(() => {})
  }

  dispose(): void {
    Signal.clearData(this)
    this.forget()
  }

  private connect(): void {
    this.forget()
    const { kernel } = this.session.session ?? {}
    if (kernel) void this.open(kernel)
    else this.become("no kernel")
  }

  private async open(kernel: Kernel.IKernelConnection): Promise<void> {
    if (!kernel.handleComms) return this.become("unknown")
    const comm = kernel.createComm(this.target)
    this.comm = comm
    this.become("waiting")
    comm.onClose = () => this.lose(comm)
    await comm.open().done.catch(() => this.lose(comm))
    if (this.comm === comm) this.become("open")
  }

  private statusChanged(_: NotebookSession, status: Kernel.Status): void {
    if (this.comm && FORGETS.includes(status)) this.lose(this.comm)
  }

  private lose(comm: Kernel.IComm): void {
    if (this.comm !== comm) return
    this.comm = null
    this.become("unknown")
  }

  private forget(): void {
    const { comm } = this
    this.comm = null
    if (comm && !comm.isDisposed) comm.close()
  }

  private become(state: LineState): void {
    if (state === this.now) return
    this.now = state
    this.signal.emit()
  }

  private comm: Kernel.IComm | null = null
  private now: LineState = "no kernel"
  private readonly signal = new Signal<this, void>(this)
}

function isBusy({ header, content }: KernelMessage.IIOPubMessage): boolean {
  return header.msg_type === "status" && (content as { execution_state?: string }).execution_state === "busy"
}
