/** Exercises of the lesson on rings. */
import type { Exercise } from "./exercise"
import { CPL } from "./rings-cpl"
import { IOPL } from "./rings-iopl"
import { POPF } from "./rings-popf"
import { PORTS } from "./rings-ports"
import { PRIVILEGED } from "./rings-privileged"
import { SEGMENTS } from "./rings-segments"

export const RING_EXERCISES: readonly Exercise[] = [CPL, PRIVILEGED, IOPL, POPF, PORTS, SEGMENTS]
