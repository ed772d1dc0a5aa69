/** Experiments of the lesson on rings. */
import type { Experiment } from "./experiment"
import { IOPL_EXPERIMENT } from "./rings-iopl"
import { KINDS_EXPERIMENT } from "./rings-kinds"
import { PORTS_EXPERIMENT } from "./rings-ports"
import { SEGMENTS_EXPERIMENT } from "./rings-segments"

export const RING_EXPERIMENTS: readonly Experiment[] = [
  KINDS_EXPERIMENT,
  IOPL_EXPERIMENT,
  PORTS_EXPERIMENT,
  SEGMENTS_EXPERIMENT,
]
