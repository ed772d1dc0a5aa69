/** A guest on bare metal and under a hypervisor, side by side: which steps of the two machines belong together, and what differs. */
import { Comparison, type Pair } from "./equivalence"

/** How two runs of a guest go side by side. */
export interface Alongside {
  /**
   * Steps that belong together: [steps of the guest, steps of the machine with the hypervisor]. From one to the next both go on step by
   * step; where the hypervisor came between there is another one. Ascending, beginning with [0, …].
   */
  readonly together: readonly (readonly [guest: number, machine: number])[]
  /** Registers that the guest could tell apart after a step of its own; those that are the same are left out. Ascending. */
  readonly differs: readonly (readonly [step: number, what: string, bare: number, virtual: number])[]
}

/**
 * Follow a guest on both machines, for pictures of both.
 * @param make makes both anew, as for `firstDifference`
 * @param from steps of the guest before which nothing differs
 * @param last steps of the guest to follow at most; it may end sooner
 */
export function followBoth(make: () => Pair, from: number, last: number): Alongside {
  const comparison = new Comparison(make())
  comparison.goTo(0)
  const together = [comparison.standing()]
  const differs: Alongside["differs"][number][] = []
  while (comparison.standing()[0] < last && comparison.goOn()) {
    const at = comparison.standing()
    if (!goesOn(together, at)) together.push(at)
    if (at[0] > from)
      for (const { what, bare, virtual } of comparison.allDiffering())
        differs.push([at[0], what, bare, virtual])
  }
  return { together, differs }
}

/** Whether a place follows from the last one that is known, step by step. */
function goesOn(together: Alongside["together"], [guest, machine]: readonly [number, number]): boolean {
  const [lastGuest, lastMachine] = together[together.length - 1]
  return machine - lastMachine === guest - lastGuest
}
