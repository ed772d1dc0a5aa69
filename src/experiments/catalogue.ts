/** All experiments by name. */
import { named } from "../numbers/named"
import type { Experiment } from "./experiment"
import { RING_EXPERIMENTS } from "./rings"
import { TRAP_AND_EMULATE_EXPERIMENTS } from "./trap-and-emulate"
import { TRAP_EXPERIMENTS } from "./traps"

/** In the order of the lessons. */
export const EXPERIMENTS: readonly Experiment[] = [
  ...RING_EXPERIMENTS,
  ...TRAP_EXPERIMENTS,
  ...TRAP_AND_EMULATE_EXPERIMENTS,
]

/** Their names, for editors to offer. Any other text is let through: the call itself says what there is. */
export type ExperimentName =
  | "rings/kinds"
  | "rings/iopl"
  | "rings/ports"
  | "rings/segments"
  | "traps/price"
  | "traps/timer"
  | "traps/gate"
  | "trap-and-emulate/workload"
  | "trap-and-emulate/shares"
  | "trap-and-emulate/timer"
  | "trap-and-emulate/principles"
  | (string & {})

/** @throws RangeError naming the experiments there are */
export function experimentNamed(name: string): Experiment {
  return named("experiment", EXPERIMENTS, name)
}
