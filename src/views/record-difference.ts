/** The two runs of a guest that is not the same under a hypervisor, recorded up to where it first differs, and a little after. */
import { type Alongside, followBoth } from "../hypervisors/alongside"
import type { Difference, Pair } from "../hypervisors/equivalence"
import { FLAG_BITS, field } from "../isa/eflags"
import { hex } from "../numbers/int"
import { VERSION } from "../version"
import { drawPair } from "./draw/pair"
import { MIME_TYPE, type PairOutput } from "./output"
import { packedPair } from "./packed"
import { otherStep, toldDifferences } from "./pair"
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
  const alongside = followBoth(make, step, step + AFTER)
  const [, end] = alongside.together[alongside.together.length - 1]
  const where = ["on bare metal", `under ${hypervisor.kind}`] as const
  const until = (steps: number, show: number, where: string) => ({
    steps,
    show,
    title: `${instruction} ${where}`,
  })
  return new RecordedPair(
    record(bare, until(step + AFTER, step + 1, where[0])),
    record(machine, until(Math.max(end, machineStep + AFTER), machineStep + 1, where[1])),
    { title: instruction, names: where, first: step + 1, ...told(difference, alongside) },
  )
}

/** What is known of two recordings together. */
type Known = Pick<PairOutput, "title" | "names" | "together" | "differs" | "first">

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
    const there = { ...virtual.output(), view: virtual.frame(Math.min(right, virtual.steps)) }
    return { kind: "pair", core: VERSION, left: bare.output(), right: there, ...known }
  }

  [DISPLAY](): MimeBundle {
    const output = this.output()
    return {
      [MIME_TYPE]: packedPair(output),
      "image/svg+xml": drawPair(output, toldDifferences(output, output.left.view.step)),
      "text/plain": this[INSPECT](),
    }
  }

  [INSPECT](): string {
    const { bare, virtual, known } = this
    return known.names.map((name, n) => `${name}: ${[bare, virtual][n].timeline.end}`).join("\n")
  }
}

/** What the guest could tell apart, by the names and in the notation of pictures. */
function told(
  { step, what, bare, virtual }: Difference,
  { together, differs }: Alongside,
): Pick<Known, "together" | "differs"> {
  const all = differs.map(([step, ...values]) => [step, ...inPicture(...values)] as const)
  const first = inPicture(what, bare, virtual)
  const isTold = all.some(([at, name]) => at === step + 1 && name === first[0])
  return { together, differs: isTold ? all : [[step + 1, ...first] as const, ...all] }
}

/** What pictures call a value that `equivalence.ts` compares. */
const NAMES: Readonly<Record<string, string>> = { CPL: "ring", GDTR: "GDTR.base", IDTR: "IDTR.base" }

function inPicture(
  what: string,
  ...values: readonly [number, number]
): readonly [name: string, left: string, right: string] {
  const flag = FLAG_BITS.find(([name]) => what === `EFLAGS.${name}`)
  const written = (value: number) => {
    if (flag) return String(field(value, flag[1]))
    return what === "CPL" ? String(value) : hex(value, what.length === 2 ? 4 : 8)
  }
  const place = /^memory at (.*)$/.exec(what)?.[1]
  return [flag?.[0] ?? (place ? `[${place}]` : (NAMES[what] ?? what)), written(values[0]), written(values[1])]
}
