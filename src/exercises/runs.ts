/** Makes the runs behind answers: recorded from where the question begins, shown at the step that decides. */
import type { Stage, Visit } from "../guests/rings"
import type { Program } from "../isa/program"
import { MARK_KINDS } from "../machine/events/marks"
import type { Machine } from "../machine/machine"
import type { Witness } from "../theory/classification"
import { VERSION } from "../version"
import type { RecordingOutput, WitnessOutput } from "../views/output"
import { type Recording, record } from "../views/record"

/** More steps than any answer needs. */
const MOST_STEPS = 1000

/** How far to run, and what to show. */
export interface Until {
  readonly title: string
  /** The run ends where EIP is at one of these; or where the machine halts, as the handlers of the exercises do at once. */
  readonly addresses: readonly number[]
  /** The step that decides; if not said, the last one on which the ring or the flow of control changed, or else the very last. */
  readonly show?: number
  readonly pins?: readonly string[]
}

/** Record a machine from where it is. @param program whose lines are shown */
export function recordUntil(machine: Machine, program: Program, until: Until): RecordingOutput {
  const { title, addresses, pins } = until
  machine.program = program
  const drive = () => {
    for (let left = MOST_STEPS; left > 0; left--) {
      const { why } = machine.step()
      if (why !== "limit") return { why }
      if (addresses.includes(machine.cpu.eip >>> 0)) break
    }
    return undefined
  }
  const recording = record(machine, { title, pins, drive })
  const show = Math.min(until.show ?? lastTurn(recording), recording.steps)
  return { ...recording.output(), view: recording.frame(show) }
}

const TURNS = (["fault", "trap", "interrupt", "ring"] as const).map((kind) => MARK_KINDS.indexOf(kind))

/** Behind the last fault there is only its handler's HLT. */
const lastTurn = ({ timeline, steps }: Recording): number =>
  timeline.marks.findLast(([, kind]) => TURNS.includes(kind))?.[0] ?? steps

/** A run of a stage's code, from one of its labels. */
export interface StagedRun extends Omit<Until, "addresses"> {
  readonly from: string
  readonly visit: Visit
  readonly until: string
}

/** Record the code on a stage. */
export function recordStage(stage: Stage, { from, visit, until, ...rest }: StagedRun): RecordingOutput {
  const { program } = stage
  return recordUntil(stage.visit(from, visit), program, { ...rest, addresses: [program.labels[until]] })
}

/** A witness as the page shows it: its two runs side by side. */
export const witnessed = (witness: Witness): WitnessOutput => ({ kind: "witness", core: VERSION, witness })
