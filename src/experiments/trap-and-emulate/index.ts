/** Experiments of the lesson on trap-and-emulate. */
import type { Experiment } from "../experiment"
import { SHARES } from "./shares"
import { THREE_PRINCIPLES } from "./three-principles"
import { TIMER_RATE } from "./timer"
import { WORKLOAD } from "./workload"

export const TRAP_AND_EMULATE_EXPERIMENTS: readonly Experiment[] = [
  WORKLOAD,
  SHARES,
  TIMER_RATE,
  THREE_PRINCIPLES,
]
