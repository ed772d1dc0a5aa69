/** The two runs of a guest that is not the same under a hypervisor, recorded up to where it first differs, and a little after. */
import type { Difference, Pair } from "../hypervisors/equivalence"
import { type Recording, record } from "./record"

/** Steps that are recorded after the one that made the difference. */
const AFTER = 20

/**
 * Record a guest on bare metal and under a hypervisor. Both recordings are shown from the instruction after which they differ.
 * @param make makes both anew, as for `firstDifference`
 * @param difference what that found
 */
export function recordDifference(
  make: () => Pair,
  { step, machineStep, instruction }: Difference,
): { readonly bare: Recording; readonly virtual: Recording } {
  const { bare, machine, hypervisor } = make()
  const until = (steps: number, where: string) => ({
    steps: steps + AFTER,
    show: steps + 1,
    title: `${instruction} ${where}`,
  })
  return {
    bare: record(bare, until(step, "on bare metal")),
    virtual: record(machine, until(machineStep, `under ${hypervisor.kind}`)),
  }
}
