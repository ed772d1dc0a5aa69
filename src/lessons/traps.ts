/** The lesson on traps. */
export { TRAP_EXERCISES as exercises } from "../exercises/traps"
export { TRAP_EXPERIMENTS as experiments } from "../experiments/traps"
