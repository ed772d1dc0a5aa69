/** The lesson on trap-and-emulate. */
import type { Experiment } from "../experiments/experiment"

export { TRAP_AND_EMULATE_EXERCISES as exercises } from "../exercises/trap-and-emulate"
export const experiments: readonly Experiment[] = []
