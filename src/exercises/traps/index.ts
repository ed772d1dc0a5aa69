/** Exercises of the lesson on traps. */
import type { Exercise } from "../exercise"
import { DEVICE } from "./device"
import { DOUBLE_FAULT } from "./double-fault"
import { FRAME } from "./frame"
import { GATE } from "./gate"
import { INTERRUPT_FLAG } from "./interrupt-flag"
import { ORDER_OF_CHECKS } from "./order-of-checks"
import { SAVED_EIP } from "./saved-eip"

export const TRAP_EXERCISES: readonly Exercise[] = [
  SAVED_EIP,
  FRAME,
  GATE,
  ORDER_OF_CHECKS,
  INTERRUPT_FLAG,
  DEVICE,
  DOUBLE_FAULT,
]
