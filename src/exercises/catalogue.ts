/** All exercises by name. */
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
  const found = EXERCISES.find((exercise) => exercise.name === name)
  if (!found)
    throw new RangeError(
      `there is no exercise "${name}"; there are: ${EXERCISES.map((exercise) => exercise.name).join(", ")}`,
    )
  return found
}
