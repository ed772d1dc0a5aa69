/** Cycles by cause: what the run so far has cost, and why. */
import { CAUSES, type Cause } from "./costs"

export class Ledger {
  private readonly sums: Record<Cause, number>

  constructor() {
    this.sums = Object.fromEntries(CAUSES.map((cause) => [cause, 0])) as Record<Cause, number>
  }

  add(cause: Cause, cycles: number): void {
    this.sums[cause] += cycles
  }

  /** Cycles charged beyond "work", which the clock counts itself. */
  entries(): Readonly<Record<Cause, number>> {
    return { ...this.sums }
  }

  restore(sums: Readonly<Record<Cause, number>>): void {
    Object.assign(this.sums, sums)
  }
}
