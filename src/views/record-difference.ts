/** The two runs of a guest that is not the same under a hypervisor, recorded up to where it first differs, and a little after. */
import { followBoth } from "../hypervisors/alongside"
import type { Difference, Pair } from "../hypervisors/equivalence"
import { VERSION } from "../version"
import { drawPair } from "./draw/pair"
import { MIME_TYPE, type PairOutput } from "./output"
import { packedPair } from "./packed"
import { commonStep, otherStep } from "./pair"
import { type Recording, record } from "./record"
import { DISPLAY, INSPECT, type MimeBundle, type Shown } from "./show"

/** Steps that are recorded after the one that made the difference. */
const AFTER = 20

/**
 * Record a guest on bare metal and under a hypervisor. As a cell's value both are shown as one picture, from the instruction after which
 * they differ: the steps are the guest's own, and only what a guest could tell apart is marked. `bare` and `virtual` are the recordings.
 * @param make makes both anew, as for `firstDifference`
 * @param difference what that found
 */
export function recordDifference(make: () => Pair, difference: Difference): RecordedPair {
  const { step, machineStep, instruction } = difference
  const { bare, machine, hypervisor } = make()
  const together = followBoth(make, step + AFTER)
  const [, end, more] = together[together.length - 1]
  const first = commonStep(together, step + 1, 1)
  const where = ["on bare metal", `under ${hypervisor.kind}`] as const
  const until = (steps: number, show: number, where: string) => ({
    steps,
    show,
    title: `${instruction} ${where}`,
  })
  return new RecordedPair(
    record(bare, until(step + AFTER, first, where[0])),
    record(machine, until(Math.max(end + more, machineStep + AFTER), otherStep(together, first), where[1])),
    { title: `${instruction}: ${where.join(" and ")}`, names: where, together, first },
  )
}

/** What is known of two recordings together. */
type Known = Pick<PairOutput, "title" | "names" | "together" | "first">

/** A guest's two recorded runs, which show themselves as one picture. */
export class RecordedPair implements Shown {
  constructor(
    /** The run on bare metal. */
    readonly bare: Recording,
    /** The run under the hypervisor: the real machine's. */
    readonly virtual: Recording,
    private readonly known: Known,
  ) {}

  /** What the notebook carries, before its long parts are packed. */
  output(): PairOutput {
    const { bare, virtual, known } = this
    const right = otherStep(known.together, known.first ?? 0)
    const there = {
      ...virtual.output(),
      view: virtual.frame(Math.min(right, virtual.steps), { guest: true }),
    }
    return { kind: "pair", core: VERSION, left: bare.output(), right: there, guest: true, ...known }
  }

  [DISPLAY](): MimeBundle {
    const output = this.output()
    return {
      [MIME_TYPE]: packedPair(output),
      "image/svg+xml": drawPair(output),
      "text/plain": this[INSPECT](),
    }
  }

  [INSPECT](): string {
    const { bare, virtual, known } = this
    return known.names.map((name, n) => `${name}: ${[bare, virtual][n].timeline.end}`).join("\n")
  }
}
