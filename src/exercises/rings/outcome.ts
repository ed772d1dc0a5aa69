/** What an instruction comes to in some ring, in the words of the exercises; found by running it. */
import type { Stage, Tried, Visit } from "../../guests/rings"

/** How one step can end. A fault that IOPL 3 takes away was IOPL's; any other was the ring's. */
export type Outcome = "the same as in ring 0" | "privileged" | "above IOPL" | "other than in ring 0"

/** An instruction that was run where the student sees it, and for comparison elsewhere. */
export interface Ran {
  readonly outcome: Outcome
  readonly tried: Tried
  readonly inRing0: Tried
  /** It completes here, and with an IOPL less than CPL it would fault. */
  readonly guarded: boolean
}

/** Run the instruction at a label on the way from another one. */
export function run(stage: Stage, from: string, to: Visit, at: string): Ran {
  const under = (other: Partial<Visit>) => stage.try(from, { ...to, ...other }, at)
  const faultsUnder = (iopl: number) => under({ iopl }).fault !== undefined
  const tried = under({})
  const inRing0 = under({ ring: 0 })
  if (tried.fault)
    return { tried, inRing0, guarded: false, outcome: faultsUnder(3) ? "privileged" : "above IOPL" }
  const same = inRing0.effects.join() === tried.effects.join()
  const outcome = same ? "the same as in ring 0" : "other than in ring 0"
  return { tried, inRing0, guarded: faultsUnder(to.ring - 1), outcome }
}
