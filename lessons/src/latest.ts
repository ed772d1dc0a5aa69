/**
 * Work on the newest value only. While one is being worked on, newer ones replace each other; nothing queues. Work on a value
 * that is not the newest any more is told so by its signal, and may end early. `work` must not reject: it reports its own
 * failures.
 */
export class Latest<Value> {
  constructor(private readonly work: (value: Value, signal: AbortSignal) => Promise<void>) {}

  /** Work on this value now, or as soon as the present one is done, unless a newer one comes. */
  push(value: Value): void {
    this.waiting = { value }
    if (this.running) this.running.abort()
    else void this.run()
  }

  /** Neither the present value nor one that waits is wanted any more. */
  cancel(): void {
    this.waiting = null
    this.running?.abort()
  }

  private async run(): Promise<void> {
    while (this.waiting) {
      const { value } = this.waiting
      this.waiting = null
      this.running = new AbortController()
      await this.work(value, this.running.signal)
    }
    this.running = null
  }

  private waiting: { value: Value } | null = null
  private running: AbortController | null = null
}
