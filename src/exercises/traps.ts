/** Exercises of the lesson on traps. */
import type { Exercise } from "./exercise"
import { FRAME } from "./traps-frame"
import { INTERRUPT_FLAG } from "./traps-interrupt-flag"
import { SAVED_EIP } from "./traps-saved-eip"

export const TRAP_EXERCISES: readonly Exercise[] = [SAVED_EIP, FRAME, INTERRUPT_FLAG]
