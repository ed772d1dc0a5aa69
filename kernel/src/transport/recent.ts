/** How many requests back output may come: some of it comes long after its cell has ended. */
const KEPT = 10_000

/**
 * Forgets the oldest of what is kept about requests, in the order in which they came: a notebook that runs for weeks keeps no more
 * than one of today. Whoever keeps some of what another one keeps, and forgets by this, too, never forgets it first.
 */
export function forgetOldest<Id>(kept: Set<Id> | Map<Id, unknown>): void {
  for (const id of kept.keys()) {
    if (kept.size <= KEPT) return
    kept.delete(id)
  }
}
