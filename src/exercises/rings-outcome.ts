/** What an instruction comes to in some ring, in the words of the exercises; found by running it. */
import type { Stage, Tried, Visit } from "../guests/rings"

/** How one step can end. */
export type Outcome = "the same as in ring 0" | "privileged" | "above IOPL" | "other than in ring 0"

/**
 * Run an instruction where the student sees it, in ring 0, and under IOPL 3, and say how it ends.
 * A fault that IOPL 3 takes away was IOPL's; any other was the ring's.
 */
export function outcomeOf(
  stage: Stage,
  from: string,
  to: Visit,
  at: string,
): { outcome: Outcome; tried: Tried } {
  const tried = stage.try(from, to, at)
  if (tried.fault) {
    const open = stage.try(from, { ...to, iopl: 3 }, at)
    return { tried, outcome: open.fault ? "privileged" : "above IOPL" }
  }
  const inRing0 = stage.try(from, { ...to, ring: 0 }, at)
  const same = inRing0.effects.join() === tried.effects.join()
  return { tried, outcome: same ? "the same as in ring 0" : "other than in ring 0" }
}
