/** Experiments of the lesson on traps. */
import type { Experiment } from "../experiment"
import { GATE_EXPERIMENT } from "./gate"
import { PRICE } from "./price"
import { TIMER } from "./timer"

export const TRAP_EXPERIMENTS: readonly Experiment[] = [PRICE, TIMER, GATE_EXPERIMENT]
