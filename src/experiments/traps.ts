/** Experiments of the lesson on traps. */
import type { Experiment } from "./experiment"
import { GATE_EXPERIMENT } from "./traps-gate"
import { PRICE } from "./traps-price"
import { TIMER } from "./traps-timer"

export const TRAP_EXPERIMENTS: readonly Experiment[] = [PRICE, TIMER, GATE_EXPERIMENT]
