/** The lesson on rings. */
export { RING_EXERCISES as exercises } from "../exercises/rings"
export { RING_EXPERIMENTS as experiments } from "../experiments/rings"
