/** The segment registers of each kind of situation, made once. */
import { CS, LDTR, SS, TR } from "../../isa/registers"
import { Segments } from "../../machine/processor/segments"
import type { Situation } from "../classification"
import {
  CODE,
  codeSelector,
  dataSelector,
  LDT_SELECTORS,
  LDTS,
  TASK_LIMIT,
  TASK_SELECTORS,
  TASKS,
} from "./world"

export class SegmentSets {
  private readonly known = new Map<number, Segments>()

  /** The segments that a situation begins with. */
  of(situation: Situation): Segments {
    const { ring, virtual, places } = situation
    const key = ((virtual ? 2 : ring) << 2) | (places.ldt << 1) | places.task
    const known = this.known.get(key)
    if (known) return known
    const made = segmentsOf(situation)
    this.known.set(key, made)
    return made
  }
}

function segmentsOf({ ring, virtual, places }: Situation): Segments {
  const segments = new Segments()
  for (const n of [0, 1, 2, 3, 4, 5]) {
    if (virtual) real(segments, n)
    else flat(segments, n, ring)
  }
  segments.set(LDTR, LDT_SELECTORS[places.ldt], { base: LDTS[places.ldt], limit: 0xff, access: 0x82 })
  segments.set(TR, TASK_SELECTORS[places.task], { base: TASKS[places.task], limit: TASK_LIMIT, access: 0x8b })
  return segments
}

/** As an 8086 has it: code stands in the segment's first bytes. */
function real(segments: Segments, n: number): void {
  const paragraph = n === CS ? CODE >> 4 : 0
  segments.set(n, paragraph, { base: paragraph << 4, limit: 0xffff, access: 0xf3 })
}

/** CS and SS are the ring's own, the others everybody's. */
function flat(segments: Segments, n: number, ring: number): void {
  const dpl = n === CS || n === SS ? ring : 3
  const selector = n === CS ? codeSelector(ring) : dataSelector(dpl)
  const access = (n === CS ? 0xc09b : 0xc093) | (dpl << 5)
  segments.set(n, selector, { base: 0, limit: 0xffff_ffff, access })
}
