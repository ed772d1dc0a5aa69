/**
 * Work on the newest value only. While one is being worked on, newer ones replace each other; nothing queues.
 * `work` must not reject: it reports its own failures.
 */
export class Latest<Value> {
  constructor(private readonly work: (value: Value) => Promise<void>) {}

  /** Work on this value now, or as soon as the present one is done, unless a newer one comes. */
  push(value: Value): void {
    this.waiting = { value }
    if (!this.running) void this.run()
  }

  private async run(): Promise<void> {
    this.running = true
    while (this.waiting) {
      const { value } = this.waiting
      this.waiting = null
      await this.work(value)
    }
    this.running = false
  }

  private waiting: { value: Value } | null = null
  private running = false
}
