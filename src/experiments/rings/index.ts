/** Experiments of the lesson on rings. */
import type { Experiment } from "../experiment"
import { IOPL_EXPERIMENT } from "./iopl"
import { KINDS_EXPERIMENT } from "./kinds"
import { PORTS_EXPERIMENT } from "./ports"
import { SEGMENTS_EXPERIMENT } from "./segments"

export const RING_EXPERIMENTS: readonly Experiment[] = [
  KINDS_EXPERIMENT,
  IOPL_EXPERIMENT,
  PORTS_EXPERIMENT,
  SEGMENTS_EXPERIMENT,
]
