/** A guest on bare metal and under a hypervisor, side by side: which steps of the two machines belong together. */
import { Comparison, type Pair } from "./equivalence"

/**
 * Steps that belong together, in stretches: steps of the guest, steps of the machine with the hypervisor, and how many more of each go on
 * side by side. Between two stretches the hypervisor has the processor; it may make several steps of the guest in one of the machine.
 */
export type Alongside = readonly (readonly [guest: number, machine: number, more: number])[]

/**
 * Follow a guest on both machines.
 * @param make makes both anew, as for `firstDifference`
 * @param last steps of the guest to follow at most; it may end sooner
 */
export function followBoth(make: () => Pair, last: number): Alongside {
  const comparison = new Comparison(make())
  comparison.goTo(0)
  const together: [guest: number, machine: number, more: number][] = [[...comparison.standing(), 0]]
  while (comparison.standing()[0] < last && comparison.goOn()) {
    const [guest, machine] = comparison.standing()
    const stretch = together[together.length - 1]
    const more = stretch[2] + 1
    if (guest === stretch[0] + more && machine === stretch[1] + more) stretch[2] = more
    else together.push([guest, machine, 0])
  }
  return together
}
