/** Cycles by cause: what the run so far has cost, and why. */
import { CAUSES, type Cause, type Costs, type PriceName } from "./costs"

export class Ledger {
  /** In the order of the causes. */
  private readonly sums = new Float64Array(CAUSES.length)

  add(cause: Cause, cycles: number): void {
    this.addTo(accountOf(cause), cycles)
  }

  /** As `add`, for those who asked for the account before. */
  addTo(account: number, cycles: number): void {
    this.sums[account] += cycles
  }

  /** Cycles charged beyond "work", which the clock counts itself. */
  entries(): Readonly<Record<Cause, number>> {
    return Object.fromEntries(CAUSES.map((cause, n) => [cause, this.sums[n]])) as Record<Cause, number>
  }

  restore(sums: Readonly<Record<Cause, number>>): void {
    for (const [n, cause] of CAUSES.entries()) this.sums[n] = sums[cause]
  }
}

/** The number of a cause's account. */
export const accountOf = (cause: Cause): number => CAUSES.indexOf(cause)

/** A price with the number of the account that it goes to. */
export interface BookedPrice {
  readonly name: PriceName
  readonly cycles: number
  readonly account: number
}

/** Prices, each with its account. */
export const booked = (costs: Costs) =>
  Object.fromEntries(
    Object.entries(costs).map(([name, { cycles, cause }]) => [
      name,
      { name, cycles, account: accountOf(cause) },
    ]),
  ) as Readonly<Record<PriceName, BookedPrice>>
