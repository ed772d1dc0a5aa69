import type { Text } from "../../protocol"

const DELAY_MS = 15
const MAX_LENGTH = 65_536

/** Puts pieces of text together, so that ten thousand short lines are not ten thousand messages. */
export class TextBatches {
  private pending: Text | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly send: (text: Text) => void) {}

  add(text: Text): void {
    const { pending } = this
    if (pending && (pending.name !== text.name || pending.parent !== text.parent)) this.flush()
    this.pending = { ...text, text: (this.pending?.text ?? "") + text.text }
    if (this.pending.text.length > MAX_LENGTH) this.flush()
    else this.timer ??= setTimeout(() => this.flush(), DELAY_MS)
  }

  /** Sends what has come together. Call it before anything that must not overtake the text. */
  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const { pending } = this
    this.pending = undefined
    if (pending) this.send(pending)
  }
}
