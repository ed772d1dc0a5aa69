/**
 * Whether it was the reader's hand that ran the cell that has just run: by a command that runs what is selected, and not by one that runs
 * many. Of several that were run one after another, before the first was through, it is the last.
 */
import { type ISignal, Signal } from "@lumino/signaling"
import type { Widget } from "@lumino/widgets"

const ONE = /^notebook:run-cell/
const MANY = /^notebook:(run-all|restart.*run)/
/** What a reader does who looks at something else by now. */
const ACTS = ["wheel", "touchmove", "pointerdown", "keydown"] as const

/** A command that has been given; its result comes when it is through. */
interface Executed {
  readonly id: string
  readonly result: Promise<unknown>
}

/** What of JupyterLab is needed for it. */
export interface Desk {
  readonly commands: { readonly commandExecuted: ISignal<unknown, Executed> }
  readonly shell: { readonly currentWidget: Widget | null }
}

export class Hand {
  constructor(
    private readonly desk: Desk,
    private readonly panel: Widget,
  ) {
    desk.commands.commandExecuted.connect(this.heard, this)
    panel.disposed.connect(() => Signal.clearData(this))
    for (const act of ACTS)
      panel.node.addEventListener(act, () => (this.isElsewhere = true), { capture: true, passive: true })
  }

  /** Whether a cell that ends now is the one that the reader waits for. */
  get isWaiting(): boolean {
    return this.one === 1 && this.many === 0 && !this.isElsewhere
  }

  /** Whether the reader has done something since. */
  isElsewhere = false

  private heard(_: unknown, { id, result }: Executed): void {
    const kind = ONE.test(id) ? "one" : MANY.test(id) ? "many" : undefined
    if (!kind || this.desk.shell.currentWidget !== this.panel) return
    this[kind] += 1
    this.isElsewhere = false
    const ended = () => void (this[kind] -= 1)
    result.then(ended, ended)
  }

  private one = 0
  private many = 0
}
