/** Exercises of the lesson on rings. */
import type { Exercise } from "./exercise"

export const RING_EXERCISES: readonly Exercise[] = []
