/** Exercises of the lesson on traps. */
import type { Exercise } from "./exercise"

export const TRAP_EXERCISES: readonly Exercise[] = []
