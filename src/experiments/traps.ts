/** Experiments of the lesson on traps. */
import type { Experiment } from "./experiment"

export const TRAP_EXPERIMENTS: readonly Experiment[] = []
