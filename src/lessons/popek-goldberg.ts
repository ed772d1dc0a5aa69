/** The lesson on Popek and Goldberg. */
import type { Experiment } from "../experiments/experiment"

export { POPEK_GOLDBERG_EXERCISES as exercises } from "../exercises/popek-goldberg"
export const experiments: readonly Experiment[] = []
