/** The lesson on trap-and-emulate. */
export { TRAP_AND_EMULATE_EXERCISES as exercises } from "../exercises/trap-and-emulate"
export { TRAP_AND_EMULATE_EXPERIMENTS as experiments } from "../experiments/trap-and-emulate"
