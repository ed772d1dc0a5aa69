/** The exercises of trap-and-emulate that are answered with a function, by name. */
import { named } from "../../../numbers/named"
import { EMULATE } from "./emulate"
import { MEND } from "./mend"
import { REFLECT } from "./reflect"
import { MonitorTask, type TaskKind } from "./task"

/** All of them. */
export const MONITOR_TASKS: readonly TaskKind[] = [EMULATE, REFLECT, MEND]

/** Their names. */
export type MonitorTaskName =
  | "trap-and-emulate/emulate"
  | "trap-and-emulate/reflect"
  | "trap-and-emulate/mend"

/**
 * An exercise in which your own function is the monitor. As a cell's value it shows what the function is to do; `check` runs
 * guests that you do not see, and tells in a sentence what the first of them saw that it would not see on bare metal.
 * @param seed chooses the question and the guests: a whole number from 0 to 2 147 483 647
 * @throws RangeError if there is no such exercise or seed
 * @example monitorTask("trap-and-emulate/emulate", 3).check(emulate)
 */
export function monitorTask(name: MonitorTaskName, seed = 1): MonitorTask {
  const HIGHEST = 0x7fff_ffff
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= HIGHEST))
    throw new RangeError(`the seed is ${seed}: it must be a whole number from 0 to ${HIGHEST}`)
  return new MonitorTask(named("exercise", MONITOR_TASKS, name), seed)
}
