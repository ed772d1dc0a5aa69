/** All exercises by name. */
import { named } from "../numbers/named"
import type { Exercise } from "./exercise"
import { POPEK_GOLDBERG_EXERCISES } from "./popek-goldberg"
import { RING_EXERCISES } from "./rings"
import { TRAP_EXERCISES } from "./traps"

/** In the order of the lessons. */
export const EXERCISES: readonly Exercise[] = [
  ...RING_EXERCISES,
  ...TRAP_EXERCISES,
  ...POPEK_GOLDBERG_EXERCISES,
]

/** @throws RangeError naming the exercises there are */
export function exerciseNamed(name: string): Exercise {
  return named("exercise", EXERCISES, name)
}
