/** All exercises by name. */
import { named } from "../numbers/named"
import type { Exercise } from "./exercise"
import { POPEK_GOLDBERG_EXERCISES } from "./popek-goldberg"
import { RING_EXERCISES } from "./rings"
import { TRAP_AND_EMULATE_EXERCISES } from "./trap-and-emulate"
import { TRAP_EXERCISES } from "./traps"

/** In the order of the lessons. */
export const EXERCISES: readonly Exercise[] = [
  ...RING_EXERCISES,
  ...TRAP_EXERCISES,
  ...TRAP_AND_EMULATE_EXERCISES,
  ...POPEK_GOLDBERG_EXERCISES,
]

/** Their names, for editors to offer. Any other text is let through: the call itself says what there is. */
export type ExerciseName =
  | "rings/cpl"
  | "rings/privileged"
  | "rings/iopl"
  | "rings/popf"
  | "rings/ports"
  | "rings/segments"
  | "rings/find-out"
  | "traps/saved-eip"
  | "traps/frame"
  | "traps/gate"
  | "traps/order-of-checks"
  | "traps/interrupt-flag"
  | "traps/device"
  | "traps/double-fault"
  | "trap-and-emulate/exits"
  | "trap-and-emulate/ring"
  | "trap-and-emulate/lanes"
  | "trap-and-emulate/count"
  | "trap-and-emulate/told"
  | "trap-and-emulate/registers"
  | "trap-and-emulate/interrupt"
  | "trap-and-emulate/owed"
  | "trap-and-emulate/you-are-the-monitor"
  | "popek-goldberg/classify"
  | "popek-goldberg/witness"
  | "popek-goldberg/umip"
  | "popek-goldberg/repair"
  | "popek-goldberg/theorems"
  | "popek-goldberg/red-pill"
  | (string & {})

/** @throws RangeError naming the exercises there are */
export function exerciseNamed(name: string): Exercise {
  return named("exercise", EXERCISES, name)
}
