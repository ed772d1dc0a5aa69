/** Exercises of the lesson on Popek and Goldberg. */
import type { Exercise } from "./exercise"
import { CLASSIFY } from "./popek-goldberg-classify"
import { RED_PILL } from "./popek-goldberg-red-pill"
import { REPAIR } from "./popek-goldberg-repair"
import { THEOREMS } from "./popek-goldberg-theorems"
import { UMIP } from "./popek-goldberg-umip"
import { WITNESS } from "./popek-goldberg-witness"

export const POPEK_GOLDBERG_EXERCISES: readonly Exercise[] = [
  CLASSIFY,
  WITNESS,
  UMIP,
  REPAIR,
  THEOREMS,
  RED_PILL,
]
