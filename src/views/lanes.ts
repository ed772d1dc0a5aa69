/** The lanes of a run: who has the processor in which ring. */
import { LANES } from "../hypervisors/kinds"
import type { RecordedRun } from "../machine/time/recording"
import type { Lane, Timeline } from "./view"

/** Without a hypervisor. Ring 0, the most privileged, is on top. */
const RINGS: readonly Lane[] = [
  { ring: 0, name: "ring 0", note: "kernel" },
  { ring: 1, name: "ring 1", note: "" },
  { ring: 2, name: "ring 2", note: "" },
  { ring: 3, name: "ring 3", note: "applications" },
]

const USUAL = RINGS.filter(({ ring }) => ring === 0 || ring === 3)

/** The lanes that a run's hypervisor names; undefined: it has none. */
export function lanesNamed({ devices }: RecordedRun["recorded"]): readonly Lane[] | undefined {
  for (const { kind = "" } of devices)
    if (Object.hasOwn(LANES, kind)) return LANES[kind as keyof typeof LANES]
  return undefined
}

/** The lanes to be drawn: those that are named, or the kernel's and the applications', and of other rings those that the run enters. */
export function lanesOf({ lanes = USUAL, rings }: Timeline): readonly Lane[] {
  const entered = (ring: number) => rings.some(([, other]) => other === ring)
  return RINGS.flatMap(
    (lane) => lanes.find(({ ring }) => ring === lane.ring) ?? (entered(lane.ring) ? [lane] : []),
  )
}

/** Who is in a ring, in words: "ring 1", or with a hypervisor "guest kernel, ring 1". */
export function inRing(timeline: Timeline, ring: number): string {
  const lane = timeline.lanes?.find((lane) => lane.ring === ring)
  return lane ? `${lane.name}, ring ${ring}` : `ring ${ring}`
}
