/** All experiments by name. */
import type { Experiment } from "./experiment"
import { RING_EXPERIMENTS } from "./rings"
import { TRAP_EXPERIMENTS } from "./traps"

/** In the order of the lessons. */
export const EXPERIMENTS: readonly Experiment[] = [...RING_EXPERIMENTS, ...TRAP_EXPERIMENTS]

/** @throws RangeError naming the experiments there are */
export function experimentNamed(name: string): Experiment {
  const found = EXPERIMENTS.find((experiment) => experiment.name === name)
  if (!found)
    throw new RangeError(
      `there is no experiment "${name}"; there are: ${EXPERIMENTS.map((experiment) => experiment.name).join(", ")}`,
    )
  return found
}
