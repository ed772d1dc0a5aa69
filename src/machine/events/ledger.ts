/** Cycles by cause: what the run so far has cost, and why. */
import { INSPECT } from "../../numbers/host"
import { CAUSES, type Cause, type Costs, type PriceName } from "./costs"

/** Cycles by cause. A cause that came later than release 0.1.0 is absent while nothing is on its account. */
export type Entries = Readonly<Record<Cause, number>>

/** Release 0.1.0 knew so many causes: these are there even if they are 0, for its recordings' hashes have them. */
const ALWAYS = 6

/** Cycles by cause since the machine was made. */
export class Ledger {
  /** In the order of the causes. */
  private readonly sums: Float64Array

  constructor(private readonly causes: readonly string[] = CAUSES) {
    this.sums = new Float64Array(causes.length)
  }

  /** Book cycles on a cause's account. */
  add(cause: Cause, cycles: number): void {
    this.addTo(accountOf(cause), cycles)
  }

  /** As `add`, for those who asked for the account before. */
  addTo(account: number, cycles: number): void {
    this.sums[account] += cycles
  }

  /** Cycles charged beyond "work", which the clock counts itself. */
  entries(): Entries {
    const all = this.causes.map((cause, n) => [cause, this.sums[n]] as const)
    return Object.fromEntries(all.filter(([, cycles], n) => n < ALWAYS || cycles !== 0)) as Entries
  }

  /** In a line. */
  [INSPECT](): string {
    return `Ledger, in cycles: ${Object.entries(this.entries())
      .map(([cause, cycles]) => `${cause} ${cycles}`)
      .join(", ")}`
  }

  /** Put back what `entries` gave. */
  restore(entries: Entries): void {
    for (const [n, cause] of this.causes.entries()) this.sums[n] = entries[cause as Cause] ?? 0
  }
}

/** The number of a cause's account. */
const accountOf = (cause: Cause): number => CAUSES.indexOf(cause)

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
