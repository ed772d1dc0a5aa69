/** All experiments by name. */
import { named } from "../numbers/named"
import type { Experiment } from "./experiment"
import { RING_EXPERIMENTS } from "./rings"
import { TRAP_EXPERIMENTS } from "./traps"

/** In the order of the lessons. */
export const EXPERIMENTS: readonly Experiment[] = [...RING_EXPERIMENTS, ...TRAP_EXPERIMENTS]

/** Their names, for editors to offer. Any other text is let through: the call itself says what there is. */
export type ExperimentName =
  | "rings/kinds"
  | "rings/iopl"
  | "rings/ports"
  | "rings/segments"
  | "traps/price"
  | "traps/timer"
  | "traps/gate"
  | (string & {})

/** @throws RangeError naming the experiments there are */
export function experimentNamed(name: string): Experiment {
  return named("experiment", EXPERIMENTS, name)
}
