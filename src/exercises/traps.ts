/** Exercises of the lesson on traps. */
import type { Exercise } from "./exercise"
import { DEVICE } from "./traps-device"
import { DOUBLE_FAULT } from "./traps-double-fault"
import { FRAME } from "./traps-frame"
import { GATE } from "./traps-gate"
import { INTERRUPT_FLAG } from "./traps-interrupt-flag"
import { ORDER_OF_CHECKS } from "./traps-order-of-checks"
import { SAVED_EIP } from "./traps-saved-eip"

export const TRAP_EXERCISES: readonly Exercise[] = [
  SAVED_EIP,
  FRAME,
  GATE,
  ORDER_OF_CHECKS,
  INTERRUPT_FLAG,
  DEVICE,
  DOUBLE_FAULT,
]
