/** Exercises of the lesson on traps. */
import type { Exercise } from "./exercise"
import { SAVED_EIP } from "./traps-saved-eip"

export const TRAP_EXERCISES: readonly Exercise[] = [SAVED_EIP]
