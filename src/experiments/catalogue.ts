/** All experiments by name. */
import { named } from "../numbers/named"
import type { Experiment } from "./experiment"
import { RING_EXPERIMENTS } from "./rings"
import { TRAP_EXPERIMENTS } from "./traps"

/** In the order of the lessons. */
export const EXPERIMENTS: readonly Experiment[] = [...RING_EXPERIMENTS, ...TRAP_EXPERIMENTS]

/** @throws RangeError naming the experiments there are */
export function experimentNamed(name: string): Experiment {
  return named("experiment", EXPERIMENTS, name)
}
