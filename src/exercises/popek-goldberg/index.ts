/** Exercises of the lesson on Popek and Goldberg. */
import type { Exercise } from "../exercise"
import { CLASSIFY } from "./classify"
import { RED_PILL } from "./red-pill"
import { REPAIR } from "./repair"
import { THEOREMS } from "./theorems"
import { UMIP } from "./umip"
import { WITNESS } from "./witness"

export const POPEK_GOLDBERG_EXERCISES: readonly Exercise[] = [
  CLASSIFY,
  WITNESS,
  UMIP,
  REPAIR,
  THEOREMS,
  RED_PILL,
]
