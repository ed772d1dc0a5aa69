/** Exercises of the lesson on trap-and-emulate. How to write one: see `exercises/rings/index.ts`. */
import type { Exercise } from "../exercise"
import { COUNT } from "./count"
import { EXITS } from "./exits"
import { INTERRUPT } from "./interrupt"
import { LANES } from "./lanes"
import { WHAT_IS_OWED } from "./owed"
import { REGISTERS } from "./registers"
import { RING } from "./ring"
import { TOLD } from "./told"
import { YOU_ARE_THE_MONITOR } from "./you-are-the-monitor"

export const TRAP_AND_EMULATE_EXERCISES: readonly Exercise[] = [
  EXITS,
  RING,
  LANES,
  COUNT,
  TOLD,
  REGISTERS,
  INTERRUPT,
  WHAT_IS_OWED,
  YOU_ARE_THE_MONITOR,
]
