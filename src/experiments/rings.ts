/** Experiments of the lesson on rings. */
import type { Experiment } from "./experiment"

export const RING_EXPERIMENTS: readonly Experiment[] = []
